import { describe, expect, test } from 'vitest';
import { delay, timerMs } from '../../src/util/waiting.ts';

describe('delay()', () => {
  test('resolves after its time', async () => {
    const startMs = performance.now();
    await delay(30, new AbortController().signal);
    // Timers may fire a fraction of a millisecond early.
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(29);
  });

  test('resolves at once when the signal has aborted, or aborts', async () => {
    await delay(3_600_000, AbortSignal.abort());
    await delay(3_600_000, AbortSignal.timeout(10));
  });

  test('waits for longer than a 32-bit timer can when asked to', async () => {
    const ending = new AbortController();
    const outcome = await Promise.race([
      delay(Number.POSITIVE_INFINITY, ending.signal).then(() => 'fired at once'),
      delay(30, ending.signal).then(() => 'waits'),
    ]);
    ending.abort();
    expect(outcome).toBe('waits');
  });
});

test.each([
  { ms: -5, expected: 0 },
  { ms: 0, expected: 0 },
  { ms: 2 ** 31 - 1, expected: 2 ** 31 - 1 },
  { ms: 2 ** 31, expected: 2 ** 31 - 1 },
  { ms: Number.POSITIVE_INFINITY, expected: 2 ** 31 - 1 },
])('timerMs() gives $expected for $ms', ({ ms, expected }) => {
  expect(timerMs(ms)).toBe(expected);
});
