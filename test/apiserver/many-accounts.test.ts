import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type KubernetesClient } from '../support/cluster/client.ts';
import { startCluster, type Cluster } from '../support/cluster/cluster.ts';
import { createNamespace } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { createdRole, createServiceAccounts, inLanes, role, withRole } from './pods.ts';
import { runRegisteredWebhook } from './registered-webhook.ts';

const total = 10_000;
/** Each tenth has a role. */
const hasRole = (index: number): boolean => index % 10 === 0;
/** 75 MB is usual for few accounts; a webhook that kept whole objects would need some hundred more. */
const maxResidentBytes = 200 * 1024 * 1024;

describeOnCluster('a cluster with 10,000 ServiceAccounts', () => {
  const namespace = 'many-accounts';
  const tenants = 'many-accounts-tenants';
  const names = Array.from({ length: total }, (_, index) => `account-${index}`);
  const indexOf = (name: string): number => Number(name.slice('account-'.length));
  let cluster: Cluster;
  let admin: KubernetesClient;

  beforeAll(async () => {
    cluster = await startCluster();
    admin = connect({ ...cluster, token: cluster.adminToken });
    await createNamespace(admin, tenants);
    await createServiceAccounts(admin, tenants, names, name => (hasRole(indexOf(name)) ? withRole(name) : {}));
  });
  afterAll(async () => {
    admin[Symbol.dispose]();
    await cluster.stop();
  });

  test.each([
    { how: 'streamed', flags: [] },
    { how: 'paged', flags: ['--watch-list=false'] },
  ])(
    'is known as a whole when the list is $how, and every pod gets what its account says (E45, E46)',
    async ({ how, flags }) => {
      await using running = await runRegisteredWebhook(admin, cluster, {
        namespace: `${namespace}-${how}`,
        flags,
        registration: { namespaces: [tenants] },
      });
      const { webhook } = running;
      expect(await webhook.metric('irsa_webhook_cache_objects{resource="serviceaccounts"}')).toBe(total / 10);

      const sample = names.filter((_, index) => index % 200 === 0 || index % 333 === 1);
      const wrong: string[] = [];
      await inLanes(8, sample, async name => {
        const found = await createdRole(admin, tenants, { name, serviceAccount: name, dryRun: true });
        if (found !== (hasRole(indexOf(name)) ? role(name) : undefined)) wrong.push(`${name}: ${found}`);
      });
      expect(wrong).toEqual([]);
      expect(await webhook.metric('process_resident_memory_bytes')).toBeLessThan(maxResidentBytes);
    },
  );
});
