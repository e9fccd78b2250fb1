import { describe, expect, test } from 'vitest';
import { formatDuration, parseGoDuration } from '../../src/go/duration.ts';

/** Each row was checked against pflag 1.0.9, which calls `time.ParseDuration`. */
const rows: readonly (readonly [text: string, milliseconds: number | undefined])[] = [
  ['0', 0],
  ['+0', 0],
  ['-0', 0],
  ['0s', 0],
  ['1h2m3.5s', 3_723_500],
  ['100ms', 100],
  ['1us', 0.001],
  ['1µs', 0.001],
  ['1μs', 0.001],
  ['5ns', 0.000_005],
  ['0.5ns', 0],
  ['.5s', 500],
  ['5.s', 5000],
  ['1.25h', 4_500_000],
  ['+1s', 1000],
  ['-1.5s', -1500],
  ['1h1h', 7_200_000],
  ['3s2m', 123_000],
  ['1m30s', 90_000],
  ['0.100000000000000000000s', 100],
  ['2562047h', 9_223_369_200_000],
  ['2562048h', undefined],
  ['9223372036854775807ns', 9_223_372_036_854.775],
  ['9223372036854775808ns', undefined],
  ['', undefined],
  ['1', undefined],
  ['100', undefined],
  ['s', undefined],
  ['.s', undefined],
  ['1 s', undefined],
  [' 1s', undefined],
  ['1d', undefined],
  ['1S', undefined],
  ['1s2', undefined],
  ['--1s', undefined],
  ['1,5s', undefined],
  ['1e3s', undefined],
  ['00', undefined],
];

describe('parseGoDuration()', () => {
  test.each(rows)('reads %j as %s ms', (text, milliseconds) => {
    expect(parseGoDuration(text)).toBe(milliseconds);
  });

  test('refuses a text far longer than any duration', () => {
    expect(parseGoDuration(`${'0'.repeat(1_000_000)}1s`)).toBeUndefined();
  });
});

describe('formatDuration()', () => {
  test.each([
    [0, '0s'],
    [0.001, '0.001ms'],
    [100, '100ms'],
    [1000, '1s'],
    [1500, '1.5s'],
    [10_000, '10s'],
    [60_000, '1m'],
    [90_000, '1m30s'],
    [150_000, '2m30s'],
    [3_600_000, '1h'],
    [3_601_000, '1h1s'],
    [3_723_500, '1h2m3.5s'],
  ])('writes %d ms as %s, which reads as the same', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
    expect(parseGoDuration(text)).toBe(milliseconds);
  });
});
