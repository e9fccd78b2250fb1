import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8's collector, to be asked at the two moments at which we know more than it does. */
export interface GarbageCollector {
  /** Bytes in use, garbage included. */
  readonly usedBytes: () => number;
  /** Collects all garbage. Takes some 10 ms. */
  readonly collect: () => void;
  /** Also gives the memory back that the heap has grown to. */
  readonly shrink: () => void;
}

/**
 * Node.js offers the collector with the flag `--expose-gc` only; a context that is made after the flag is set has it too.
 * Where it has not, nothing is collected.
 */
export function createGarbageCollector(): GarbageCollector {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('globalThis.gc');
  const run = typeof found === 'function' ? (how: object): unknown => found(how) : (): undefined => undefined;
  return {
    usedBytes: () => getHeapStatistics().used_heap_size,
    collect: () => void run({ type: 'major' }),
    shrink() {
      // Functions that have not run lately would lose their bytecode, and what is known of their types with it: each review
      // took 10 to 17 % longer from then on, for good.
      setFlagsFromString('--no-flush-bytecode');
      run({ type: 'major', flavor: 'last-resort' });
      setFlagsFromString('--flush-bytecode');
    },
  };
}

/**
 * A review of 3 MiB that is made to be expensive leaves 30 MiB of garbage. V8 would let that gather up to its limit, which
 * is half of a container: with what is not on the heap, 24 such reviews took 260 of 256 MiB.
 */
const garbageBytes = 48 * 1_048_576;

/** Returns what to call before each large review: it collects when much was used since the last time. */
export function createHeapCheck({ usedBytes, collect }: Omit<GarbageCollector, 'shrink'>): () => void {
  let keptBytes = usedBytes();
  return () => {
    if (usedBytes() - keptBytes < garbageBytes) return;
    collect();
    keptBytes = usedBytes();
  };
}
