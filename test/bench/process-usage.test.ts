import { describe, expect, test } from 'vitest';
import { parseCpuMs, parseMemory, processUsage } from '../../bench/process-usage.ts';

describe('parseCpuMs()', () => {
  const tail = 'S 1 2 3 4 5 4194304 7 8 9 10 123 45 99 98 20 0 11 0 1000 2000';

  test.each(['(node)', '(a b)', '(evil) S 1 (2)'])('adds user and system time when the name is %s', name => {
    expect(parseCpuMs(`1234 ${name} ${tail}`)).toBe(1_680);
  });

  test('throws when the text is something else', () => {
    expect(() => parseCpuMs('not that')).toThrow('/proc/PID/stat');
  });
});

describe('parseMemory()', () => {
  const status = 'Name:\tnode\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\nRssAnon:\t   51200 kB\nRssFile:\t 51200 kB\n';

  test('reads resident, anonymous and peak in MiB', () => {
    expect(parseMemory(status)).toEqual({ resident: 100, anonymous: 50, peak: 200 });
  });

  test('says which field is missing', () => {
    expect(() => parseMemory(status.replace('RssAnon', 'Other'))).toThrow('RssAnon');
  });
});

describe.skipIf(process.platform !== 'linux')('processUsage', () => {
  test('knows this process', () => {
    expect(processUsage.cpuMs(process.pid)).toBeGreaterThan(0);
    expect(processUsage.memory(process.pid)?.resident).toBeGreaterThan(1);
    expect(processUsage.cores(process.pid)).toMatch(/^[\d,-]+$/);
  });
});
