import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { discardBody, readBody, releaseBytes } from '../../src/server/request-body.ts';

function streamOf(...chunks: readonly (string | Buffer)[]): Readable {
  return Readable.from(chunks.map(chunk => Buffer.from(chunk)));
}

describe('readBody()', () => {
  const euro = Buffer.from('€');
  test.each([
    ['nothing', streamOf(), ''],
    ['one chunk', streamOf('abc'), 'abc'],
    ['several chunks', streamOf('a', 'b', 'c'), 'abc'],
    ['a character cut in two', streamOf(euro.subarray(0, 1), euro.subarray(1)), '€'],
    ['as many bytes as allowed', streamOf('x'.repeat(6), 'x'.repeat(4)), 'x'.repeat(10)],
  ])('reads %s', async (_name, stream, text) => {
    expect(await readBody(stream, 10)).toEqual({ kind: 'read', bytes: Buffer.from(text) });
  });

  test('says that a body is too large before its end', async () => {
    const stream = new PassThrough();
    stream.write('x'.repeat(11));
    expect(await readBody(stream, 10)).toEqual({ kind: 'too_large' });
  });

  test.each([
    ['destroyed', (stream: PassThrough) => stream.destroy()],
    ['broken', (stream: PassThrough) => stream.destroy(new Error('aborted'))],
  ])('says that a body was aborted when its stream is %s', async (_name, end) => {
    const stream = new PassThrough();
    stream.write('x');
    const body = readBody(stream, 10);
    end(stream);
    expect(await body).toEqual({ kind: 'aborted' });
  });
});

describe('discardBody()', () => {
  test('resolves when the body has been received, however long', async () => {
    const stream = streamOf('x'.repeat(100_000), 'y');
    await discardBody(stream, 1_000_000);
    expect(stream.readableEnded).toBe(true);
  });

  test('resolves when more than the limit has come, before the end', async () => {
    const stream = new PassThrough();
    stream.write('x'.repeat(11));
    await discardBody(stream, 10);
    expect(stream.readableEnded).toBe(false);
  });

  test('resolves when the body was aborted', async () => {
    const stream = new PassThrough();
    const discarded = discardBody(stream, 10);
    stream.destroy(new Error('aborted'));
    await discarded;
  });
});

describe('readBody() of a known length', () => {
  test.each([
    ['all of it', ['abc', 'def'], 6, 'abcdef'],
    ['what came, when that is less', ['abc'], 6, 'abc'],
  ])('gives %s', async (_name, chunks, length, text) => {
    expect(await readBody(streamOf(...chunks), 10, length)).toEqual({ kind: 'read', bytes: Buffer.from(text) });
  });
});

describe('releaseBytes()', () => {
  test('gives back the memory of a body whose length was known', async () => {
    const body = await readBody(streamOf('abc', 'def'), 10, 6);
    if (body.kind !== 'read') throw new Error(`expected a body, found ${body.kind}`);
    expect(body.bytes.toString()).toBe('abcdef');
    releaseBytes(body.bytes);
    expect(body.bytes.length).toBe(0);
  });

  test('leaves bytes alone that share their memory with others', () => {
    const whole = Buffer.from('abcdef');
    const part = whole.subarray(1, 3);
    releaseBytes(part);
    expect([whole.toString(), part.toString()]).toEqual(['abcdef', 'bc']);
  });
});
