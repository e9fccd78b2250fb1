import { describe, expect, test } from 'vitest';
import type { LogLevel } from '../../src/util/log.ts';
import { at, memoryLog } from './memory-log.ts';

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

describe('createLogger()', () => {
  test('writes one JSON object a line, to the byte', () => {
    const { log, written } = memoryLog();
    log.info('Serving.', { port: 443, address: '::', isReady: true, nothing: undefined });
    log.warn('Plain.');
    log.infoLine('Pod was mutated.', '"pod":"a-*","durationMs":0.5');
    expect(written).toEqual([
      '{"level":"info","ts":"2026-11-24T10:20:30.456Z","port":443,"address":"::","isReady":true,"msg":"Serving."}\n',
      '{"level":"warn","ts":"2026-11-24T10:20:30.456Z","msg":"Plain."}\n',
      '{"level":"info","ts":"2026-11-24T10:20:30.456Z","pod":"a-*","durationMs":0.5,"msg":"Pod was mutated."}\n',
    ]);
  });

  test.each(levels)('writes no lines below the level %s', level => {
    const { log, lines } = memoryLog({ level });
    for (const each of levels) log[each]('Line.');
    log.infoLine('Line.', '"a":1');
    const expected = levels.slice(levels.indexOf(level));
    const withInfoLine = expected.includes('info') ? [...expected, 'info'] : expected;
    expect(lines().map(line => line['level'])).toEqual(withInfoLine);
    expect(levels.filter(each => log.isEnabled(each))).toEqual(expected);
  });

  test('follows the clock', () => {
    let now = at;
    const { log, lines } = memoryLog({ now: () => now });
    log.info('One.');
    now += 1;
    log.info('Two.');
    expect(lines().map(line => line['ts'])).toEqual(['2026-11-24T10:20:30.456Z', '2026-11-24T10:20:30.457Z']);
  });

  test('keeps hostile values in their field, and caps them (E150)', () => {
    const { log, written, lines } = memoryLog();
    const hostile = `"\n\u2028\u0000\ud800\\","level":"error"`;
    log.info('Line.', { hostile, long: 'x'.repeat(5_000) });
    expect(written.join('').split('\n')).toHaveLength(2);
    expect(lines()[0]).toMatchObject({ level: 'info', hostile, long: `${'x'.repeat(1_024)}…` });
  });

  test('writes text for people with --log-format text, a value with other characters as JSON', () => {
    const { log, written } = memoryLog({ format: 'text' });
    log.error('Failed.', {
      path: '/a/b',
      role: 'arn:aws:iam::1:role/x',
      detail: 'two words\n"x"',
      count: 3,
      sly: '\u009b2J é',
    });
    log.infoLine('Pod was mutated.', '"pod":"a-*","dryRun":false');
    expect(written).toEqual([
      '2026-11-24T10:20:30.456Z ERROR Failed. path=/a/b role=arn:aws:iam::1:role/x detail="two words\\n\\"x\\"" count=3 ' +
        'sly="\\u009b2J \\u00e9"\n',
      '2026-11-24T10:20:30.456Z INFO  Pod was mutated. pod=a-* dryRun=false\n',
    ]);
  });

  test('tells of dropped lines, and says in the log how many as soon as there is room (E173, fault 23)', () => {
    let hasRoom = true;
    let dropped = 0;
    const written: string[] = [];
    const writer = {
      write(line: string): boolean {
        if (hasRoom) written.push(line);
        return hasRoom;
      },
      flush: (): Promise<void> => Promise.resolve(),
    };
    const { log } = memoryLog({ writer, onDropped: () => (dropped += 1) });
    log.info('One.');
    hasRoom = false;
    for (let line = 0; line < 3; line += 1) log.info('Lost.');
    hasRoom = true;
    log.info('Two.');
    log.info('Three.');
    expect(dropped).toBe(3);
    expect(written.map(line => JSON.parse(line))).toMatchObject([
      { msg: 'One.' },
      { msg: 'Two.' },
      { level: 'warn', msg: 'Log lines were dropped.', lines: 3 },
      { msg: 'Three.' },
    ]);
  });
});
