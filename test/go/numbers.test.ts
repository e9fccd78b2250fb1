import { describe, expect, test } from 'vitest';
import { parseGoBool, parseGoInt64, parseGoInteger } from '../../src/go/numbers.ts';

/** Each row was checked against pflag 1.0.9, which calls `strconv.ParseInt(text, 0, 64)`. */
const rows: readonly (readonly [text: string, value: bigint | undefined])[] = [
  ['0', 0n],
  ['443', 443n],
  ['+5', 5n],
  ['-5', -5n],
  ['-0', 0n],
  ['0x10', 16n],
  ['0X1f', 31n],
  ['-0xFF', -255n],
  ['0o17', 15n],
  ['0O17', 15n],
  ['010', 8n],
  ['00', 0n],
  ['0b1', 1n],
  ['0B101', 5n],
  ['1_000', 1000n],
  ['0x_10', 16n],
  ['0b_1', 1n],
  ['0_10', 8n],
  ['9007199254740993', 9_007_199_254_740_993n],
  ['9223372036854775807', 9_223_372_036_854_775_807n],
  ['-9223372036854775808', -9_223_372_036_854_775_808n],
  ['0x7fffffffffffffff', 9_223_372_036_854_775_807n],
  ['9223372036854775808', undefined],
  ['-9223372036854775809', undefined],
  ['', undefined],
  ['+', undefined],
  ['--5', undefined],
  ['08', undefined],
  ['0x', undefined],
  ['0xg', undefined],
  ['0b2', undefined],
  ['0o8', undefined],
  ['1__0', undefined],
  ['_1', undefined],
  ['1_', undefined],
  ['0x1_', undefined],
  ['1e3', undefined],
  ['1.5', undefined],
  [' 1', undefined],
  ['1 ', undefined],
  ['١', undefined],
  ['NaN', undefined],
];

describe('parseGoInteger()', () => {
  test.each(rows)('reads %j as %s (E123, E124)', (text, value) => {
    expect(parseGoInteger(text)).toBe(value);
  });

  test('refuses a text far longer than any int64', () => {
    expect(parseGoInteger(`1${'0'.repeat(1_000_000)}`)).toBeUndefined();
  });
});

describe('parseGoBool()', () => {
  test.each([
    ...['1', 't', 'T', 'TRUE', 'true', 'True', ' true', 'true\n'].map(text => ({ text, expected: true })),
    ...['0', 'f', 'F', 'FALSE', 'false', 'False', '\tfalse '].map(text => ({ text, expected: false })),
    ...['yes', 'tRUE', 'on', '', '2', 'truee', 'constructor'].map(text => ({ text, expected: undefined })),
  ])('E55: gives $expected when the text is $text', ({ text, expected }) => {
    expect(parseGoBool(text)).toBe(expected);
  });
});

describe('parseGoInt64()', () => {
  test.each([
    { text: '3600', expected: 3600n },
    { text: '+3600', expected: 3600n },
    { text: '-5', expected: -5n },
    { text: '0', expected: 0n },
    { text: '007', expected: 7n },
    { text: ' 3600 ', expected: 3600n },
    { text: '4294967297', expected: 4_294_967_297n },
    { text: '9007199254740993', expected: 9_007_199_254_740_993n },
    { text: '9223372036854775807', expected: 2n ** 63n - 1n },
    { text: '-9223372036854775808', expected: -(2n ** 63n) },
    { text: '9223372036854775808', expected: undefined },
    { text: '-9223372036854775809', expected: undefined },
    { text: '', expected: undefined },
    { text: '+', expected: undefined },
    { text: '--1', expected: undefined },
    { text: '3600s', expected: undefined },
    { text: '3 600', expected: undefined },
    { text: '3_600', expected: undefined },
    { text: '1e3', expected: undefined },
    { text: '1.0', expected: undefined },
    { text: '0x10', expected: undefined },
    { text: '٣', expected: undefined },
    { text: '1'.repeat(100_000), expected: undefined },
  ])('E123 E124: gives $expected when the text is $text', ({ text, expected }) => {
    expect(parseGoInt64(text)).toBe(expected);
  });
});
