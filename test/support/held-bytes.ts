import { createGarbageCollector } from '../../src/commands/serve/garbage-collector.ts';

const collector = createGarbageCollector();

/** Bytes of objects and buffers that something still refers to, after garbage is collected. */
export function heldBytes(): number {
  collector.collect();
  // V8 gives the memory of buffers back in a thread of its own, whose end the next collection waits for.
  collector.collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
