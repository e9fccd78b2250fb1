import { createGarbageCollector } from '../../src/commands/serve/garbage-collector.ts';

const collector = createGarbageCollector();

/** Bytes of objects and buffers that something still refers to, after garbage is collected. */
export function heldBytes(): number {
  collector.collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
