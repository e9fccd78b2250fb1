import { describe, expect, test } from 'vitest';
import { parseSample } from '../../src/cluster/metrics.ts';

describe('parseSample()', () => {
  test.each<{ line: string; name?: string; labels?: Record<string, string>; value?: number }>([
    { line: '# HELP a b' },
    { line: '' },
    { line: 'no sample', name: 'no', labels: {}, value: Number.NaN },
    { line: 'a 1', name: 'a', labels: {}, value: 1 },
    { line: 'a{} 1.5e3 1700000000', name: 'a', labels: {}, value: 1500 },
    { line: 'a{x="1",y="a b"} 2', name: 'a', labels: { x: '1', y: 'a b' }, value: 2 },
    { line: String.raw`a{x="q\"\\\n}"} 3`, name: 'a', labels: { x: 'q"\\\n}' }, value: 3 },
  ])('reads $line', ({ line, name, labels, value }) => {
    const sample = parseSample(line);
    expect(sample?.name).toBe(name);
    if (sample !== undefined) expect([Object.fromEntries(sample.labels), sample.value]).toEqual([labels, value]);
  });
});
