import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairBucket } from '../../src/util/fair-bucket.ts';

function bucketAt(options: { perSecond: number; burst: number }) {
  let nowMs = 1_000;
  const bucket = new FairBucket({ ...options, now: () => nowMs });
  const taken = (group: string, attempts: number): number =>
    Array.from({ length: attempts }, () => bucket.take(group)).filter(Boolean).length;
  return { bucket, taken, pass: (ms: number) => (nowMs += ms) };
}

describe('FairBucket.take()', () => {
  test('allows a group half of a burst, and the next group half of the rest', () => {
    const { taken } = bucketAt({ perSecond: 10, burst: 80 });
    expect(['a', 'b', 'c', 'd'].map(group => taken(group, 1_000))).toEqual([40, 20, 10, 5]);
    expect(taken('a', 1_000)).toBe(0);
  });

  test('allows a group that is alone the whole rate', () => {
    const { taken, pass } = bucketAt({ perSecond: 10, burst: 10 });
    expect(taken('a', 100)).toBe(5);
    for (let second = 0; second < 100; second += 1) {
      pass(500);
      expect(taken('a', 100)).toBe(5);
      pass(500);
      expect(taken('a', 100)).toBe(5);
    }
  });

  test('allows a quiet group at any time while others ask without end (E157)', () => {
    const { taken, pass } = bucketAt({ perSecond: 100, burst: 400 });
    const loud = ['a', 'b', 'c', 'd', 'e'];
    for (let step = 0; step < 2_000; step += 1) {
      pass(10);
      for (const group of loud) taken(group, 10);
      if (step % 200 === 199) expect(taken('quiet', 10)).toBe(10);
    }
  });

  test('shares the rate alike among those that ask without end', () => {
    const { taken, pass } = bucketAt({ perSecond: 100, burst: 400 });
    const totals = [0, 0, 0, 0];
    for (let step = 0; step < 6_000; step += 1) {
      pass(10);
      for (const index of totals.keys()) totals[index] = (totals[index] ?? 0) + taken(`group ${index}`, 10);
    }
    // 100 a second for a minute, and the burst before it.
    expect(totals.reduce((sum, more) => sum + more, 0)).toBeGreaterThan(6_000);
    for (const total of totals) expect(total).toBeGreaterThan(1_300);
  });

  test('saves up no more than a burst', () => {
    const { taken, pass } = bucketAt({ perSecond: 10, burst: 10 });
    pass(3_600_000);
    expect(taken('a', 20)).toBe(5);
  });

  test('allows nothing at the rate 0', () => {
    expect(bucketAt({ perSecond: 0, burst: 0 }).taken('a', 5)).toBe(0);
  });

  test('allows one a second at the rate 1', () => {
    const { taken, pass } = bucketAt({ perSecond: 1, burst: 4 });
    taken('a', 10);
    for (let second = 0; second < 10; second += 1) {
      pass(1_000);
      expect(taken('a', 10)).toBe(1);
    }
  });

  test('remembers no more groups than a burst has parts that count, whoever asks', () => {
    const { bucket, taken, pass } = bucketAt({ perSecond: 100, burst: 400 });
    for (let index = 0; index < 20_000; index += 1) {
      taken(`group ${index}`, 3);
      pass(10);
      expect(bucket.size).toBeLessThanOrEqual(800);
    }
    pass(3_600_000);
    taken('a', 1);
    expect(bucket.size).toBe(1);
  });

  test('never allows more than burst and rate, nor a group more than half of what is left', () => {
    const step = fc.record({ group: fc.constantFrom('a', 'b', 'c'), attempts: fc.nat(30), ms: fc.nat(300) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(step, { maxLength: 50 }), (perSecond, steps) => {
        const burst = 4 * perSecond;
        const { taken, pass } = bucketAt({ perSecond, burst });
        let free = burst;
        for (const { group, attempts, ms } of steps) {
          pass(ms);
          free = Math.min(burst, free + (ms / 1_000) * perSecond);
          const count = taken(group, attempts);
          expect(count).toBeLessThanOrEqual((free + 1) / 2 + 1e-6);
          free -= count;
        }
      }),
    );
  });
});
