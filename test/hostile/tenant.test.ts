import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareBinaries } from '../cluster/build.ts';
import { connect, type KubernetesClient } from '../cluster/client.ts';
import { startCluster, type Cluster } from '../cluster/cluster.ts';
import { comingAndGoing, longAccounts, tenantPlans } from './attacks/tenant-attacks.ts';
import type { Attack } from './support/attack-program.ts';
import { attackWith, startBystander } from './support/fortress.ts';
import { besiege, lossesIn, untilOver, type SiegeReport } from './support/siege.ts';
import { startTenancy, type Tenancy } from './support/tenancy.ts';

const binaries = await prepareBinaries();

describe.skipIf(binaries.kind === 'unavailable')('With a real API server, pods of others get their identity', () => {
  let cluster: Cluster;
  let admin: KubernetesClient;
  beforeAll(async () => {
    cluster = await startCluster();
    admin = connect({ ...cluster, token: cluster.adminToken });
  });
  afterAll(async () => {
    admin[Symbol.dispose]();
    await cluster.stop();
  });

  for (const [index, { name, tenant }] of tenantPlans.entries()) {
    test(`while a tenant creates ${name}`, async () => {
      await using tenancy = await startTenancy(admin, cluster, `hostile-${index}`);
      const report = await attack(name, tenancy, { kind: 'tenant', ...tenancy.tenant, ...tenant });
      expect(lossesIn(report)).toEqual([]);
    });
  }

  test('while a tenant writes ServiceAccounts with long annotations, and when the webhook starts meanwhile', async () => {
    await using tenancy = await startTenancy(admin, cluster, 'hostile-accounts');
    const writing = { kind: 'tenant', ...tenancy.tenant, ...longAccounts } as const;
    const report = await attack('long annotations', tenancy, writing);
    expect(lossesIn(report)).toEqual([]);

    const end = new AbortController();
    const { webhook: first } = tenancy.running;
    const attacking = attackWith(first, [writing], end.signal);
    const startMs = performance.now();
    const webhook = await tenancy.restart();
    const readyMs = (performance.now() - startMs).toFixed(0);
    const afterwards = await besiege({
      ...{ name: `a restart with long annotations, ready after ${readyMs} ms`, webhook, group: tenancy.group },
      startOthers: () => startBystander(webhook, { namespace: tenancy.bystander.namespace }),
      async attack(signal) {
        await untilOver(2, signal);
        end.abort();
        return attacking;
      },
    });
    expect(lossesIn(afterwards)).toEqual([]);
  });

  test('while 2,000 connections of another address come and go', async () => {
    await using tenancy = await startTenancy(admin, cluster, 'hostile-connections');
    const report = await attack('2,000 connections beside those of the API server', tenancy, comingAndGoing);
    expect(lossesIn(report)).toEqual([]);
  });
});

function attack(name: string, { running, group, bystander }: Tenancy, attack: Attack): Promise<SiegeReport> {
  const { webhook } = running;
  return besiege({
    ...{ name, webhook, group },
    startOthers: () => startBystander(webhook, { namespace: bystander.namespace, cluster: bystander.access }),
    attack: signal => attackWith(webhook, [attack], signal),
  });
}
