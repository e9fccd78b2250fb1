import { describe, expect, test } from 'vitest';
import { hasTooManyParts } from '../../src/server/review-size.ts';

describe('hasTooManyParts()', () => {
  test.each([
    ['nothing', '', 0],
    ['brackets, closed or not', '[[]{[', 4],
    ['members and entries', '{"a":1,"b":[2,3]}', 6],
    ['no text', '"[{:,"', 0],
    ['no text with quotes in it', '["\\"[[", "\\\\"]', 2],
    ['what follows such a text', '["\\\\",[]]', 3],
    ['a text without an end', '["[[[', 1],
    ['no text beyond ASCII', '["ƛ{🙼"]', 1],
  ])('counts %s (E160)', (_name, json, parts) => {
    expect(hasTooManyParts(Buffer.from(json), parts)).toBe(false);
    if (parts > 0) expect(hasTooManyParts(Buffer.from(json), parts - 1)).toBe(true);
  });
});
