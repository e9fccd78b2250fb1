import { PassThrough, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  bytesATurn,
  discardBody,
  readBody,
  releaseBytes,
  type BodyOptions,
  type RequestBody,
} from '../../src/server/request-body.ts';
import { createShortTurns } from '../../src/server/turns.ts';
import { createFairBudget, type FairBudget } from '../../src/util/fair-budget.ts';
import { reviewOf } from '../admission/support.ts';

function streamOf(...chunks: readonly (string | Buffer)[]): Readable {
  return Readable.from(chunks.map(chunk => Buffer.from(chunk)));
}

function budgetOf(totalBytes: number): FairBudget {
  return createFairBudget({ totalBytes, now: () => 0 });
}

function read(stream: Readable, options: Partial<BodyOptions> = {}): Promise<RequestBody> {
  return readBody(stream, {
    peer: 'api',
    limitBytes: 10,
    declaredBytes: undefined,
    budget: budgetOf(10_000),
    discards: budgetOf(10),
    turns: createShortTurns(1),
    ...options,
  });
}

async function textOf(body: Promise<RequestBody>): Promise<string> {
  const found = await body;
  if (found.kind !== 'read') throw new Error(`expected a body, found ${found.kind}`);
  return found.bytes.toString();
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
    expect(await textOf(read(stream))).toBe(text);
  });

  test.each([
    ['all of a known length', ['abc', 'def'], 'abcdef'],
    ['what came, when that is less', ['abc'], 'abc'],
  ])('reads %s', async (_name, chunks, text) => {
    expect(await textOf(read(streamOf(...chunks), { declaredBytes: 6 }))).toBe(text);
  });

  test('returns that a body is too large before its end', async () => {
    const stream = new PassThrough();
    stream.write('x'.repeat(11));
    expect(await read(stream)).toEqual({ kind: 'too_large' });
  });

  test.each([
    ['destroyed', (stream: PassThrough) => stream.destroy()],
    ['broken', (stream: PassThrough) => stream.destroy(new Error('aborted'))],
  ])('returns that a body was aborted when its stream is %s', async (_name, end) => {
    const stream = new PassThrough();
    stream.write('x');
    const body = read(stream);
    end(stream);
    expect(await body).toEqual({ kind: 'aborted' });
  });

  test('refuses a body that comes in very many pieces, before its end (E151)', async () => {
    const stream = new PassThrough();
    const body = read(stream, { limitBytes: 1_000_000 });
    for (let piece = 0; piece < 140; piece += 1) stream.write('x');
    expect(await body).toEqual({ kind: 'too_many_pieces' });
  });

  test('reads a large body in pieces as Go writes them', async () => {
    const text = 'x'.repeat(1_200).repeat(2_000);
    const pieces = text.match(/.{1,1200}/g) ?? [];
    const options = { limitBytes: 3_000_000, budget: budgetOf(4_000_000) };
    expect(await textOf(read(streamOf(...pieces), options))).toBe(text);
  });
});

describe('readBody() and its budget', () => {
  const limitBytes = 10_000;

  test.each([
    { name: 'the declared length', declaredBytes: 5_000, sent: 'x', free: 4_999, kind: 'over_budget' },
    {
      name: 'what has come, where no length is declared',
      declaredBytes: undefined,
      sent: 'x',
      free: 1_024,
      kind: 'read',
    },
    {
      name: 'what has come, doubled',
      declaredBytes: undefined,
      sent: 'x'.repeat(1_025),
      free: 1_024,
      kind: 'over_budget',
    },
  ])('claims $name (E159)', async ({ declaredBytes, sent, free, kind }) => {
    const budget = budgetOf(free);
    expect(await read(streamOf(sent), { limitBytes, declaredBytes, budget })).toMatchObject({ kind });
  });

  test('receives the rest of a body that it has no room for, and keeps nothing of it', async () => {
    const budget = budgetOf(1_000);
    const stream = new PassThrough();
    const body = read(stream, { limitBytes, declaredBytes: 5_000, budget });
    for (let piece = 0; piece < 5; piece += 1) stream.write('x'.repeat(1_000));
    stream.end();
    expect(await body).toEqual({ kind: 'over_budget' });
    expect(budget.take({ peer: 'api', namespace: '' }, 1_000, () => undefined)).toBeDefined();
  });

  test('does not receive the rest where too many such bodies are received, of the peer that has most (E159)', async () => {
    const options = { limitBytes, declaredBytes: 5_000, budget: budgetOf(1_000), discards: budgetOf(4) };
    const streamsOf = (peer: string, count: number): { stream: PassThrough; body: Promise<RequestBody> }[] =>
      Array.from({ length: count }, () => {
        const stream = new PassThrough();
        stream.write('x');
        return { stream, body: read(stream, { ...options, peer }) };
      });
    const many = streamsOf('many', 4);
    const few = streamsOf('few', 2);
    await setImmediate();
    for (const { stream } of [...many, ...few]) stream.end();
    const kindsOf = (bodies: typeof many): Promise<string[]> =>
      Promise.all(bodies.map(async ({ body }) => (await body).kind));
    expect(await kindsOf(few)).toEqual(['over_budget', 'over_budget']);
    expect(await kindsOf(many)).toEqual(['over_budget', 'over_budget', 'over_budget_cut', 'over_budget_cut']);
  });

  test('gives the place back of a body that is received in vain', async () => {
    const discards = budgetOf(1);
    for (let body = 0; body < 3; body += 1) {
      const options = { limitBytes, declaredBytes: 5_000, budget: budgetOf(1_000), discards };
      expect(await read(streamOf('x', 'x'), options)).toEqual({ kind: 'over_budget' });
    }
  });

  test.each(['aborted', 'too large'])('gives the bytes of a body back that is %s', async how => {
    const budget = budgetOf(10_000);
    const stream = new PassThrough();
    const body = read(stream, { limitBytes, budget });
    stream.write('x'.repeat(5_000));
    if (how === 'aborted') stream.destroy();
    else stream.write('x'.repeat(5_001));
    await body;
    expect(budget.take({ peer: 'other', namespace: '' }, 10_000, () => undefined)).toBeDefined();
  });

  test('gives way while it is received, and not any more when it is there', async () => {
    let nowMs = 0;
    const budget = createFairBudget({ totalBytes: 10_000, now: () => nowMs });
    const slow = new PassThrough();
    const body = read(slow, { limitBytes, declaredBytes: 10_000, budget });
    await new Promise<void>(resolve => slow.write('x', () => resolve()));
    nowMs = 2_000;
    const whole = await read(streamOf('x'.repeat(6_000)), { peer: 'b', limitBytes, declaredBytes: 6_000, budget });
    expect(whole.kind).toBe('read');
    slow.end('x'.repeat(9_999));
    expect(await body).toEqual({ kind: 'over_budget' });
    nowMs = 4_000;
    expect(budget.take({ peer: 'c', namespace: '' }, 4_001, () => undefined)).toBeUndefined();
  });

  const review = reviewOf({ namespace: 'shop' });
  test.each([7, 100, 10_000])(
    'counts for the namespace of the review when it comes in pieces of %i bytes',
    async size => {
      const pieces = Array.from({ length: Math.ceil(review.length / size) }, (_, at) =>
        review.slice(at * size, (at + 1) * size),
      );
      const budget = budgetOf(10_000);
      const body = await read(streamOf(...pieces), { limitBytes, declaredBytes: review.length, budget });
      expect(body).toMatchObject({ kind: 'read', namespace: 'shop' });
      expect(budget.take({ peer: 'api', namespace: 'shop' }, 5_000, () => undefined)).toBeUndefined();
      expect(budget.take({ peer: 'api', namespace: '' }, 5_000, () => undefined)).toBeDefined();
    },
  );
});

describe('readBody() and the namespace', () => {
  test.each([
    { name: 'a review', text: reviewOf({ namespace: 'shop' }), namespace: 'shop' },
    { name: 'nothing', text: '', namespace: '' },
    {
      name: 'a name that pretends to end its string',
      text: '{"name":"x\\",\\"namespace\\":\\"evil","namespace":"shop"',
      namespace: 'shop',
    },
    { name: 'a namespace that is cut off', text: '{"name":"x","namespace":"sho', namespace: '' },
    { name: 'a namespace that cannot be one', text: '{"name":"x","namespace":"Shop_1"', namespace: '' },
    { name: 'a namespace that is too long', text: `{"name":"x","namespace":"${'a'.repeat(64)}"`, namespace: '' },
    {
      name: 'a namespace of full length',
      text: `{"name":"x","namespace":"${'a'.repeat(63)}"`,
      namespace: 'a'.repeat(63),
    },
  ])('returns the namespace of $name', async ({ text, namespace }) => {
    expect(await read(streamOf(text), { limitBytes: 10_000 })).toMatchObject({ kind: 'read', namespace });
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

describe('releaseBytes()', () => {
  test('gives back the memory of a body whose length was known', async () => {
    const body = await read(streamOf('abc', 'def'), { declaredBytes: 6 });
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

describe('readBody() and its turns', () => {
  const options = { limitBytes: 1_000_000, budget: budgetOf(10_000_000), turns: createShortTurns(2) };

  /** Pieces that are all there, as of a client that sends as fast as it can. */
  function bodyOf(peer: string, pieces: number, onPiece: () => void): Promise<RequestBody> {
    const stream = streamOf(...new Array<string>(pieces).fill('x'.repeat(bytesATurn / 4)));
    stream.on('data', onPiece);
    return read(stream, { ...options, peer });
  }

  test('lets the others come first after each 64 KiB (E159)', async () => {
    const events: string[] = [];
    const long = bodyOf('long', 40, () => events.push('long'));
    const short = bodyOf('short', 8, () => events.push('short'));
    expect([(await short).kind, (await long).kind]).toEqual(['read', 'read']);
    const before = events.slice(0, events.lastIndexOf('short')).filter(event => event === 'long').length;
    expect(before).toBeGreaterThanOrEqual(4);
    expect(before).toBeLessThanOrEqual(16);
  });

  test('reads on when a body ends or breaks while it waits', async () => {
    const stream = new PassThrough();
    const body = read(stream, { ...options, turns: { next: () => new Promise(() => undefined) } });
    stream.write('x'.repeat(bytesATurn));
    await setImmediate();
    stream.destroy();
    expect(await body).toEqual({ kind: 'aborted' });
  });
});
