import { delay } from '../../util/delay.ts';
import type { GarbageCollector } from './garbage-collector.ts';

/** Short against the time of a start, and nothing against the hours after it. */
const pollMs = 100;

/**
 * Waits until the start is over, then collects what it left: modules, and lists of the API server, make 10 MiB of garbage
 * that nothing else would collect for as long as few pods are created. Takes some 20 ms once.
 */
export async function tidyAfterStart(
  isStarted: () => boolean,
  { shrink }: Pick<GarbageCollector, 'shrink'>,
  signal: AbortSignal,
): Promise<void> {
  while (!isStarted()) {
    await delay(pollMs, signal);
    if (signal.aborted) return;
  }
  shrink();
}
