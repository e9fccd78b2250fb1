import { describe, expect, test } from 'vitest';
import { parseContainerNames } from '../../src/injection/target-containers.ts';

describe('parseContainerNames()', () => {
  test.each([
    { text: 'a', names: ['a'] },
    { text: 'a, b', names: ['a', 'b'] },
    { text: ' a ,\tb ', names: ['a', 'b'] },
    { text: '"a"', names: ['a'] },
    { text: ' "a" , b', names: ['a', 'b'] },
    { text: '"a,b",c', names: ['a,b', 'c'] },
    { text: '"a""b"', names: ['a"b'] },
    { text: 'a,', names: ['a'] },
    { text: ',,a', names: ['a'] },
    { text: 'a\nb', names: ['a'] },
    { text: '\n\na', names: ['a'] },
    { text: '', names: [] },
    { text: '  ', names: [] },
    { text: ',', names: [] },
    { text: '""', names: [] },
    { text: 'a,a', names: ['a'] },
    { text: '__proto__,constructor', names: ['__proto__', 'constructor'] },
  ])('E107: gives $names when the value is $text', ({ text, names }) => {
    expect(parseContainerNames(text)).toEqual({ kind: 'names', names: new Set(names) });
  });

  test.each([
    { text: 'a",b', at: 1 },
    { text: 'b,"a', at: 3 },
    { text: '"a"b', at: 1 },
    { text: 'a"b"', at: 1 },
  ])('E107: says where the stray quote is when the value is $text', ({ text, at }) => {
    expect(parseContainerNames(text)).toEqual({ kind: 'malformed', detail: `a stray quote at character ${at}` });
  });

  test('reads a value of a megabyte in one pass', () => {
    const parsed = parseContainerNames('"a",'.repeat(250_000));
    expect(parsed).toEqual({ kind: 'names', names: new Set(['a']) });
    expect(parseContainerNames(`${'"'.repeat(1_000_001)}x`).kind).toBe('malformed');
    expect(parseContainerNames(' '.repeat(1_000_000)).kind).toBe('names');
  });
});
