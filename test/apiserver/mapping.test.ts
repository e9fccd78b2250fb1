import { afterAll, beforeAll, expect, test } from 'vitest';
import { succeeded } from '../support/cluster/client.ts';
import { createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { waitFor } from '../support/wait-for.ts';
import { currentRole, role } from './pods.ts';
import { createMapping, runRegisteredWebhook, type RunningWebhook } from './registered-webhook.ts';

const namespace = 'mapping';
const path = `/api/v1/namespaces/${namespace}/configmaps/pod-identity-webhook`;

/** A document that maps both accounts to this role. */
const mapped = (name: string): string =>
  JSON.stringify({ [`${namespace}/one`]: { RoleARN: role(name) }, 'map*/tw*': { RoleARN: role(name) } });

describeOnCluster('the mapping ConfigMap', (cluster, admin) => {
  let running: RunningWebhook;

  beforeAll(async () => {
    running = await runRegisteredWebhook(admin, cluster, { namespace, mapping: mapped('first') });
    for (const name of ['one', 'two']) await createServiceAccount(admin, namespace, name);
  });
  afterAll(() => running[Symbol.asyncDispose]());

  const replace = async (config: string): Promise<void> =>
    void succeeded(await admin.patch(path, 'merge-patch', { data: { config } }));
  const rolesBecome = async (roles: readonly (string | undefined)[]): Promise<void> => {
    const areThere = async (): Promise<boolean> => {
      const found = await Promise.all(['one', 'two'].map(name => currentRole(admin, namespace, name)));
      return found.every((value, index) => value === roles[index]);
    };
    await waitFor(areThere, { what: `the roles ${String(roles)}` });
  };

  // One story, each step on what the step before has left.
  test('gives roles, is followed when edited, survives being broken, and is forgotten when deleted (E57, E60, E62)', async () => {
    expect(await currentRole(admin, namespace, 'one')).toBe(role('first'));
    expect(await currentRole(admin, namespace, 'two')).toBe(role('first'));

    await replace(mapped('second'));
    await rolesBecome([role('second'), role('second')]);

    await replace('{"mapping/one":');
    await running.webhook.logged({ msg: 'Mapping cannot be read, the last good one stays in force.' });
    await rolesBecome([role('second'), role('second')]);

    // One bad entry loses itself, and no other.
    await replace(JSON.stringify({ 'map*/tw*': 5, [`${namespace}/one`]: { RoleARN: role('third') } }));
    await rolesBecome([role('third'), undefined]);
    await running.webhook.logged({ msg: 'Mapping entry left out.' });

    await replace(mapped('fourth'));
    await rolesBecome([role('fourth'), role('fourth')]);

    succeeded(await admin.patch(path, 'merge-patch', { data: { config: null } }));
    await rolesBecome([undefined, undefined]);

    await replace(mapped('fifth'));
    await rolesBecome([role('fifth'), role('fifth')]);

    succeeded(await admin.delete(path));
    await rolesBecome([undefined, undefined]);

    await createMapping(admin, namespace, mapped('sixth'));
    await rolesBecome([role('sixth'), role('sixth')]);
  });

  test('is the only ConfigMap of the namespace that counts (E63)', async () => {
    const other = { metadata: { name: 'other' }, data: { config: mapped('other') } };
    succeeded(await admin.create(`/api/v1/namespaces/${namespace}/configmaps`, other));
    await replace(mapped('seventh'));
    await rolesBecome([role('seventh'), role('seventh')]);
  });
});
