import type { GarbageCollector } from './garbage-collector.ts';

/**
 * A review of 3 MiB that is made to be expensive leaves 30 MiB of garbage. V8 would let that gather up to its limit, which
 * is half of a container: with what is not on the heap, 24 such reviews took 260 of 256 MiB.
 */
const garbageBytes = 48 * 1_048_576;

/** Makes what is to be called before each large review: collects when much was used since the last time. */
export function createHeapCheck({ usedBytes, collect }: Omit<GarbageCollector, 'shrink'>): () => void {
  let keptBytes = usedBytes();
  return () => {
    if (usedBytes() - keptBytes < garbageBytes) return;
    collect();
    keptBytes = usedBytes();
  };
}
