import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { collectGarbage } from '../../../src/commands/serve/collect-garbage.ts';

test('collectGarbage() frees what nobody holds', async () => {
  const reference = new WeakRef({ held: new Array(1_000).fill('x') });
  await setImmediate(); // a WeakRef holds on until the job is over in which it was made
  collectGarbage();
  expect(reference.deref()).toBeUndefined();
});
