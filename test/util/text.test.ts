import { describe, expect, test } from 'vitest';
import { capLength, counted, escapeUnsafeCharacters, quote } from '../../src/util/text.ts';

describe('counted()', () => {
  test.each([
    { number: 0, plural: undefined, text: '0 keys' },
    { number: 1, plural: undefined, text: '1 key' },
    { number: 2, plural: undefined, text: '2 keys' },
    { number: 1, plural: 'entries', text: '1 key' },
    { number: 3, plural: 'entries', text: '3 entries' },
  ])('returns "$text" for $number with the plural $plural', ({ number, plural, text }) => {
    expect(counted(number, 'key', plural)).toBe(text);
  });
});

describe('quote()', () => {
  test.each([
    { name: 'a quote', text: 'a"b', quoted: '"a\\"b"' },
    { name: 'the end of a line', text: 'a\nb', quoted: '"a\\nb"' },
    { name: 'a C1 control character', text: 'a\u009bb', quoted: '"a\\u009bb"' },
    { name: 'a character that turns the order of text', text: 'a\u202eb', quoted: '"a\\u202eb"' },
    { name: '81 characters', text: 'x'.repeat(81), quoted: `"${'x'.repeat(80)}…"` },
  ])('returns $name in quotes, on one line', ({ text, quoted }) => {
    expect(quote(text)).toBe(quoted);
  });
});

describe('escapeUnsafeCharacters()', () => {
  test.each([['plain'], ['ƛ🙼'], ['']])('returns %j as it is', text => {
    expect(escapeUnsafeCharacters(text)).toBe(text);
  });

  test.each(['\u007f', '\u0085', '\u2028', '\u2029', '\u202a', '\u2066'])('escapes %j', character => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    expect(escapeUnsafeCharacters(`a${character}b${character}`)).toBe(`a\\u${code}b\\u${code}`);
  });
});

describe('capLength()', () => {
  test.each([
    { characters: 1_024, kept: 1_024 },
    { characters: 1_025, kept: 1_025 },
    { characters: 100_000, kept: 1_025 },
  ])('returns $kept characters of $characters', ({ characters, kept }) => {
    expect(capLength('x'.repeat(characters))).toHaveLength(kept);
  });
});
