import { describe, expect, test } from 'vitest';
import { TokenBucket } from '../../src/util/token-bucket.ts';

function bucketAt(options: { perSecond: number; burst: number }) {
  let nowMs = 1_000;
  const bucket = new TokenBucket({ ...options, now: () => nowMs });
  const taken = (attempts: number): number =>
    Array.from({ length: attempts }, () => bucket.take()).filter(Boolean).length;
  return { bucket, taken, pass: (ms: number) => (nowMs += ms) };
}

describe('TokenBucket.take()', () => {
  test('allows a burst, then the rate', () => {
    const { taken, pass } = bucketAt({ perSecond: 10, burst: 5 });
    expect(taken(20)).toBe(5);
    pass(99);
    expect(taken(20)).toBe(0);
    pass(1);
    expect(taken(20)).toBe(1);
    pass(300);
    expect(taken(20)).toBe(3);
  });

  test('saves up no more than a burst', () => {
    const { taken, pass } = bucketAt({ perSecond: 10, burst: 5 });
    pass(3_600_000);
    expect(taken(20)).toBe(5);
  });

  test('allows nothing at the rate 0', () => {
    expect(bucketAt({ perSecond: 0, burst: 5 }).taken(5)).toBe(0);
  });

  test('allows nothing during a pause, and fills only after it', () => {
    const { bucket, taken, pass } = bucketAt({ perSecond: 10, burst: 5 });
    bucket.pause(1_000);
    expect(taken(5)).toBe(0);
    pass(1_000);
    expect(taken(5)).toBe(0);
    pass(100);
    expect(taken(5)).toBe(1);
  });
});
