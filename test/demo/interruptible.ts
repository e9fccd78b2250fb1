import { setTimeout as delay } from 'node:timers/promises';

/** The result of the work. When the signal comes, the work gets `graceMs` to come to an end by itself; then this rejects. */
export async function interruptible<T>(work: Promise<T>, signal: AbortSignal, graceMs = 0): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    if (!signal.aborted) throw error;
    await Promise.race([work, delay(graceMs)]).catch(() => undefined);
    throw signal.reason;
  }
}
