import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { flatCopy } from '../../src/util/text.ts';
import { heldBytes } from '../support/held-bytes.ts';

test('flatCopy() returns an equal text, also with lone surrogates', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => flatCopy(text) === text));
  expect(flatCopy('\ud800"\\\u0000\u2028')).toBe('\ud800"\\\u0000\u2028');
});

test('flatCopy() keeps nothing of the text that a part was cut from', () => {
  const longText = (index: number): string => Buffer.alloc(100_000, `${index} `).toString('latin1');
  const before = heldBytes();
  const kept = Array.from({ length: 300 }, (_, index) => flatCopy(longText(index).slice(10, 100)));
  // The long texts together take 30 MB.
  expect(heldBytes() - before).toBeLessThan(1_000_000);
  expect(kept.every(text => text.length === 90)).toBe(true);
});
