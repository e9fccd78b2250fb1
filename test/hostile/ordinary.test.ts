import { expect, test } from 'vitest';
import { reviewOf } from '../admission/support.ts';
import { Attacker, headOf, statusOf, times } from './support/attacker.ts';
import { startFortress } from './support/fortress.ts';
import { followHeld, maxHeldMebibytes, refusals } from './support/siege.ts';

const pods = 1_000;
/** So many connections are opened at once, so that none waits longer for its handshake than it may. */
const openedAtOnce = 100;
const podBytes = 8_192;

/** A pod of 8 KB, with the account of a namespace that many pods are created in. */
function ordinaryReview(): Buffer {
  const env = [{ name: 'NOTE', value: 'x'.repeat(podBytes) }];
  const spec = { serviceAccountName: 'app', containers: [{ name: 'app', env }] };
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app' }, spec };
  return Buffer.from(reviewOf({ namespace: 'attacker', object }));
}

test('1,000 ordinary pods of one namespace at once are never refused (E172)', async () => {
  await using fortress = await startFortress('ordinary');
  const { webhook, group } = fortress;
  const body = ordinaryReview();
  const held = followHeld(webhook, group);
  const callers: (Attacker | undefined)[] = [];
  while (callers.length < pods)
    callers.push(...(await times(openedAtOnce, async () => new Attacker(webhook).opened())));
  const calls = callers.map(async caller => {
    await caller?.write(headOf(`Content-Length: ${body.length}`, 'Connection: close'));
    await caller?.write(body);
    return statusOf((await caller?.untilClosed()) ?? '');
  });
  const statuses = await Promise.all(calls);
  const heldMebibytes = held.stop().heldBytes / 1_048_576;
  console.log(`hostile: 1,000 pods of 8 KB at once: ${heldMebibytes.toFixed(0)} MiB held`);
  expect(statuses.filter(status => status !== 200)).toEqual([]);
  expect([...(await refusals(webhook))].filter(([, count]) => count > 0)).toEqual([]);
  expect(heldMebibytes).toBeLessThanOrEqual(maxHeldMebibytes);
});
