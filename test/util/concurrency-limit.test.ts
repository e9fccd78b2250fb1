import { describe, expect, test } from 'vitest';
import { ConcurrencyLimit } from '../../src/util/concurrency-limit.ts';

const needed = (): boolean => true;

describe('ConcurrencyLimit', () => {
  test('enter() admits as many as may run, then in the order in which they asked', async () => {
    const limit = new ConcurrencyLimit(2, 10);
    expect(await Promise.all([limit.enter(needed), limit.enter(needed)])).toEqual(['entered', 'entered']);
    const order: string[] = [];
    const third = limit.enter(needed).then(() => order.push('third'));
    const fourth = limit.enter(needed).then(() => order.push('fourth'));
    expect(order).toEqual([]);
    limit.leave();
    await third;
    expect(order).toEqual(['third']);
    limit.leave();
    await fourth;
    expect(order).toEqual(['third', 'fourth']);
  });

  test('enter() refuses beyond the queue, and admits again when there is room', async () => {
    const limit = new ConcurrencyLimit(1, 1);
    await limit.enter(needed);
    const queued = limit.enter(needed);
    expect(await limit.enter(needed)).toBe('full');
    limit.leave();
    expect(await queued).toBe('entered');
    limit.leave();
    expect(await limit.enter(needed)).toBe('entered');
  });

  test('leave() passes over those whom nobody needs any more', async () => {
    const limit = new ConcurrencyLimit(1, 10);
    await limit.enter(needed);
    const forgotten = limit.enter(() => false);
    const wanted = limit.enter(needed);
    limit.leave();
    expect(await forgotten).toBe('not_needed');
    expect(await wanted).toBe('entered');
  });
});
