/** Longest time a timer can wait; beyond it Node.js fires at once (32-bit milliseconds, about 25 days). */
const longestTimerMs = 2 ** 31 - 1;

/** The wait as a timer can keep it: not negative, not too long. */
export function timerMs(ms: number): number {
  return Math.min(Math.max(ms, 0), longestTimerMs);
}

/** Resolves after `ms` milliseconds, or at once when the signal aborts. Never rejects: the caller looks at the signal. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, timerMs(ms));
    signal.addEventListener('abort', finish);
  });
}

/** What a waiter got: the value, or nothing within its time. */
type Waited<T> = { readonly kind: 'settled'; readonly value: T } | { readonly kind: 'timed_out' };

/**
 * Waits for the promise, but at most `ms` milliseconds. The promise goes on for others who wait for it.
 * Rejects when the promise does so in time.
 */
export async function withinDeadline<T>(promise: Promise<T>, ms: number): Promise<Waited<T>> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Waited<T>>(resolve => {
    timer = setTimeout(() => resolve({ kind: 'timed_out' }), timerMs(ms));
  });
  const settled = promise.then((value): Waited<T> => ({ kind: 'settled', value }));
  try {
    return await Promise.race([settled, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** The promise, but rejecting with the signal's reason as soon as that aborts. The work itself goes on. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Bounds of a back-off in milliseconds. */
export interface BackoffBounds {
  /** No retry comes earlier than this: jitter from zero would now and then retry at once. */
  readonly floorMs: number;
  /** No retry comes later than this. */
  readonly ceilingMs: number;
}

/**
 * How long to wait after the given number of failures in a row (1 for the first): random between the floor and a
 * ceiling that doubles with each failure (full jitter, so that replicas do not return in step).
 */
export function backoffMs(failures: number, bounds: BackoffBounds, random: () => number): number {
  const { floorMs, ceilingMs } = bounds;
  const ceiling = Math.min(ceilingMs, floorMs * 2 ** failures);
  return floorMs + random() * (ceiling - floorMs);
}
