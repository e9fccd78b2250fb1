import { describe, expect, test } from 'vitest';
import { hasTooManyParts, waitMsFor } from '../../src/server/review-limits.ts';

describe('waitMsFor()', () => {
  test.each([
    ['10s', 0, 9_500],
    ['30s', 0, 29_500],
    ['5s', 0, 4_500],
    ['1s', 0, 500],
    ['1s', 200, 300],
    ['500ms', 0, 250],
    ['1m', 0, 29_500],
    ['1m30s', 0, 29_500],
    ['9999h', 0, 29_500],
    ['2.5s', 0, 2_000],
    ['.5s', 0, 250],
    ['3.s', 0, 2_500],
    ['1s1500ms', 0, 2_000],
    ['900000us', 0, 450],
    ['900000µs', 0, 450],
    ['1000000000ns', 0, 500],
    ['10s', 9_000, 500],
    ['10s', 9_500, 0],
    ['10s', 60_000, 0],
  ])(
    'leaves a margin of what the API server allows: %s after %i ms gives %i ms (E18)',
    (timeout, elapsedMs, expected) => {
      expect(waitMsFor(timeout, elapsedMs)).toBe(expected);
    },
  );

  test.each([
    undefined,
    '',
    '0',
    '0s',
    '-5s',
    '10',
    's',
    '10 s',
    '10S',
    '1,5s',
    '10sec',
    '1e3s',
    'Infinitys',
    '..s',
    '1'.repeat(10_000),
    `${'1s'.repeat(10_000)}!`,
    ['1s', '2s'],
    { s: 1 },
    5,
  ])('takes the default of 10 s for %j (E18)', timeout => {
    expect(waitMsFor(timeout, 0)).toBe(9_500);
  });
});

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
