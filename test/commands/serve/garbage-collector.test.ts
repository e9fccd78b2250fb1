import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createGarbageCollector } from '../../../src/commands/serve/garbage-collector.ts';

test.each(['collect', 'shrink'] as const)('%s() frees what nobody holds', async how => {
  const collector = createGarbageCollector();
  const reference = new WeakRef({ held: new Array(1_000).fill('x') });
  await setImmediate(); // a WeakRef holds on until the job is over in which it was made
  collector[how]();
  expect(reference.deref()).toBeUndefined();
});

test('usedBytes() grows with what is held, and falls when it is collected', () => {
  const { usedBytes, collect } = createGarbageCollector();
  collect();
  const before = usedBytes();
  const held = { list: Array.from({ length: 200_000 }, (_, index) => `entry ${index}`) };
  expect(usedBytes() - before).toBeGreaterThan(4_000_000);
  held.list = [];
  collect();
  expect(usedBytes() - before).toBeLessThan(4_000_000);
});
