import { describe, expect, test } from 'vitest';
import { parseGoBool, parseGoInt64, withLowerCaseFields } from '../../src/identity/go-syntax.ts';

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

describe('withLowerCaseFields()', () => {
  test('keeps the last of two fields that differ by case only, as Go does', () => {
    expect(withLowerCaseFields({ RoleARN: 'first', rolearn: 'last' })).toEqual({ rolearn: 'last' });
  });

  test('E15: keeps a field named __proto__ as data', () => {
    const parsed = withLowerCaseFields(JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(Object.keys(parsed)).toEqual(['__proto__']);
    expect(parsed['polluted']).toBeUndefined();
  });
});
