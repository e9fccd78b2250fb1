import { timerMs } from './delay.ts';

/** What a waiter got: the value, or nothing within its time. */
export type Waited<T> = { readonly kind: 'settled'; readonly value: T } | { readonly kind: 'timed_out' };

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
