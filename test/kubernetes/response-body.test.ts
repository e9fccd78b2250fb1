import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readObject } from '../../src/kubernetes/response-body.ts';
import { heldBytes } from '../support/held-bytes.ts';

const mebibyte = 1024 * 1024;

test('readObject() holds no more than the bytes when they come one by one', async () => {
  const before = heldBytes();
  let held = Number.POSITIVE_INFINITY;
  async function* pieces(): AsyncGenerator<Buffer> {
    yield Buffer.from('{"a":1');
    for (let bytes = 0; bytes < 300_000; bytes += 1) {
      yield Buffer.from(' ');
      // What runs within one turn of the event loop leaves what cannot be collected before its end.
      if (bytes % 1_000 === 0) await setImmediate();
    }
    await setImmediate();
    held = heldBytes() - before;
    yield Buffer.from('}');
  }
  expect(await readObject(Readable.from(pieces()), 8 * mebibyte)).toEqual({ a: 1 });
  // A Buffer for each piece takes 30 MiB.
  expect(held).toBeLessThan(10 * mebibyte);
});

test.each([
  { limitBytes: 8, outcome: { a: 1 } },
  { limitBytes: 7, outcome: 'response_too_large' },
])('readObject() of 8 bytes in pieces is $outcome when the limit is $limitBytes', async ({ limitBytes, outcome }) => {
  const pieces = ['{"a', '":1', '} '].map(piece => Buffer.from(piece));
  const read = readObject(Readable.from(pieces), limitBytes).catch((error: unknown) => error);
  const expected = typeof outcome === 'string' ? expect.objectContaining({ code: outcome }) : outcome;
  expect(await read).toEqual(expected);
});
