import { describe, expect, test } from 'vitest';
import { RetryPace, type RestartReason, type WatchFailure } from '../../src/kubernetes/watch-failure.ts';

const failure = (reason: RestartReason, retryAfterMs = 0): WatchFailure => ({
  reason,
  retryAfterMs,
  detail: '',
  needsList: false,
  refusesStreaming: false,
});

/** With the longest wait each time: 1,600, 3,200, 6,400 … ms. */
const createPace = (): RetryPace => new RetryPace({ floorMs: 800, ceilingMs: 30_000 }, () => 1);

describe('pauseMs()', () => {
  test('grows with each failure up to the ceiling (fault 14)', () => {
    const pace = createPace();
    const pauses = Array.from({ length: 7 }, () => pace.pauseMs(failure('error'), false));
    expect(pauses).toEqual([1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
    expect(pace.failures).toBe(7);
  });

  test('is nothing after a watch that was of use, and begins anew from there', () => {
    const pace = createPace();
    pace.pauseMs(failure('error'), false);
    pace.pauseMs(failure('error'), false);
    expect(pace.pauseMs(failure('closed'), true)).toBe(0);
    expect(pace.failures).toBe(0);
    expect(pace.pauseMs(failure('error'), false)).toBe(1_600);
  });

  test('is what the API server asks for when that is longer, also after a watch that was of use', () => {
    const pace = createPace();
    expect(pace.pauseMs(failure('error', 5_000), false)).toBe(5_000);
    expect(pace.pauseMs(failure('error', 5_000), true)).toBe(5_000);
    expect(pace.pauseMs(failure('error', 1_000), false)).toBe(1_600);
  });

  test('begins anew with the first expired version, and grows with the next (fault 11)', () => {
    const pace = createPace();
    for (let count = 0; count < 5; count += 1) pace.pauseMs(failure('error'), false);
    expect(pace.pauseMs(failure('expired'), false)).toBe(1_600);
    expect(pace.pauseMs(failure('expired'), false)).toBe(3_200);
  });
});
