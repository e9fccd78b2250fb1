import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { succeeded } from '../support/cluster/client.ts';
import { createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  annotate,
  createdRole,
  createServiceAccounts,
  currentRole,
  inLanes,
  role,
  roleAnnotation,
  withRole,
} from './pods.ts';
import { runRegisteredWebhook, type RunningWebhook } from './registered-webhook.ts';

/** Longer than an account counts as new, so that only what the watch has told is known of it. */
const settledMs = 6_500;

/** `prefix-0` and so on. */
const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

describeOnCluster('a pod of an account that has just changed', (cluster, admin) => {
  const namespace = 'fresh-accounts';
  const lanesOfOld = [1, 8];
  const oldNames = (lanes: number): readonly string[] => names(`old-${lanes}`, 150);
  let running: RunningWebhook;
  let settled: Promise<void>;

  beforeAll(async () => {
    running = await runRegisteredWebhook(admin, cluster, { namespace });
    await createServiceAccounts(admin, namespace, lanesOfOld.flatMap(oldNames));
    settled = delay(settledMs);
  });
  afterAll(() => running[Symbol.asyncDispose]());

  test('gets its role when the account was created 0 to 500 ms before, in 200 of 200 pairs (E40)', async () => {
    const accounts = names('new', 200);
    const missed: string[] = [];
    await inLanes(20, accounts, async (name, index) => {
      await createServiceAccount(admin, namespace, name, withRole(name));
      await delay((500 * index) / accounts.length);
      const found = await createdRole(admin, namespace, { name, serviceAccount: name });
      if (found !== role(name)) missed.push(`${name}: ${found}`);
    });
    expect(missed).toEqual([]);
  });

  test('gets its role when the account was created without one and annotated just before the pod (E41)', async () => {
    const missed: string[] = [];
    await inLanes(4, names('late', 100), async name => {
      await createServiceAccount(admin, namespace, name);
      await annotate(admin, namespace, name, withRole(name));
      const found = await createdRole(admin, namespace, { name, serviceAccount: name });
      if (found !== role(name)) missed.push(`${name}: ${found}`);
    });
    expect(missed).toEqual([]);
  });

  test.each(lanesOfOld)(
    'gets its role when an account that is long known without one was annotated just before the pod, %i at a time (E41)',
    async lanes => {
      await settled;
      const missed: string[] = [];
      await inLanes(lanes, oldNames(lanes), async name => {
        await annotate(admin, namespace, name, withRole(name));
        const found = await createdRole(admin, namespace, { name, serviceAccount: name });
        if (found !== role(name)) missed.push(`${name}: ${found}`);
      });
      expect(missed).toEqual([]);
    },
  );

  test('sees that the role was changed, and that it was removed (E41)', async () => {
    const name = 'changing';
    await createServiceAccount(admin, namespace, name, withRole('first'));
    expect(await currentRole(admin, namespace, name)).toBe(role('first'));
    await annotate(admin, namespace, name, withRole('second'));
    await waitFor(async () => (await currentRole(admin, namespace, name)) === role('second'), { what: 'the new role' });
    await annotate(admin, namespace, name, { [roleAnnotation]: null });
    await waitFor(async () => (await currentRole(admin, namespace, name)) === undefined, { what: 'no role' });
  });

  test('sees that the account was deleted and created again with another role (E42, E43)', async () => {
    const name = 'recreated';
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
    const roleOrRefusal = (): Promise<string> =>
      currentRole(admin, namespace, name).then(found => found ?? 'none', String);
    await createServiceAccount(admin, namespace, name, withRole('first'));
    expect(await currentRole(admin, namespace, name)).toBe(role('first'));
    succeeded(await admin.delete(path));
    // The API server's own check of ServiceAccounts follows them by a watch too: it is some milliseconds behind.
    await waitFor(async () => (await roleOrRefusal()).includes('serviceaccount "recreated" not found'), {
      what: 'pods of the deleted account to be refused',
    });
    await createServiceAccount(admin, namespace, name, withRole('second'));
    await waitFor(async () => (await roleOrRefusal()) === role('second'), { what: 'the new role' });
    expect(await createdRole(admin, namespace, { name, serviceAccount: name })).toBe(role('second'));
  });
});
