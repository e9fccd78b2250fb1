import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GrowingBuffer } from '../../src/util/growing-buffer.ts';

const mebibyte = 1024 * 1024;

describe('GrowingBuffer', () => {
  test.each([
    { pieces: [], expected: '' },
    { pieces: [''], expected: '' },
    { pieces: ['a'], expected: 'a' },
    { pieces: ['ab', '', 'c'], expected: 'abc' },
    { pieces: ['1234567890'], expected: '1234567890' },
  ])('take() returns "$expected" when $pieces were appended and the limit is 10', ({ pieces, expected }) => {
    const buffer = new GrowingBuffer(10);
    expect(pieces.map(piece => buffer.append(Buffer.from(piece)))).toEqual(pieces.map(() => true));
    expect(buffer.length).toBe(expected.length);
    expect(buffer.take().toString('utf8')).toBe(expected);
  });

  test('append() takes nothing of a piece when that would exceed the limit', () => {
    const buffer = new GrowingBuffer(3);
    expect(['ab', 'cd', 'e', 'f'].map(piece => buffer.append(Buffer.from(piece)))).toEqual([true, false, true, false]);
    expect(buffer.take().toString('utf8')).toBe('abe');
  });

  test('append() copies the piece', () => {
    const buffer = new GrowingBuffer(10);
    const piece = Buffer.from('a');
    buffer.append(piece);
    piece.fill('b');
    expect(buffer.take().toString('utf8')).toBe('a');
  });

  test('take() leaves an empty buffer, and bytes that later pieces do not change', () => {
    const buffer = new GrowingBuffer(10);
    buffer.append(Buffer.from('first'));
    const first = buffer.take();
    expect({ length: buffer.length, capacity: buffer.capacity }).toEqual({ length: 0, capacity: 0 });
    buffer.append(Buffer.from('other'));
    expect(first.toString('utf8')).toBe('first');
    expect(buffer.take().toString('utf8')).toBe('other');
  });

  test('capacity is that of the bytes when they come one by one', () => {
    const buffer = new GrowingBuffer(3 * mebibyte);
    const piece = Buffer.from('a');
    for (let bytes = 0; bytes < mebibyte + 1; bytes += 1) buffer.append(piece);
    expect(buffer.length).toBe(mebibyte + 1);
    expect(buffer.capacity).toBe(2 * mebibyte);
    expect(buffer.take().equals(Buffer.alloc(mebibyte + 1, 'a'))).toBe(true);
  });

  test('holds what fits of any pieces, in bounded memory', () => {
    const bytes = fc.uint8Array({ maxLength: 3_000 }).map(array => Buffer.from(array));
    fc.assert(
      fc.property(fc.nat(10_000), fc.array(bytes), (limitBytes, pieces) => {
        const buffer = new GrowingBuffer(limitBytes);
        const kept = pieces.filter(piece => buffer.append(piece));
        const expected = Buffer.concat(kept);
        expect(buffer.length).toBe(expected.length);
        expect(buffer.capacity).toBeLessThanOrEqual(Math.min(limitBytes, Math.max(1_024, 2 * expected.length)));
        expect(buffer.take().equals(expected)).toBe(true);
      }),
    );
  });
});
