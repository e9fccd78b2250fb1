import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { prepareBinaries } from '../cluster/build.ts';
import { connect, type KubernetesClient } from '../cluster/client.ts';
import { startCluster, type Cluster } from '../cluster/cluster.ts';
import { waitFor } from '../support/wait-for.ts';
import type { AttackReport } from './attacks/attack.ts';
import { comingAndGoing, tenantPlans } from './attacks/tenant-attacks.ts';
import { writeAccounts } from './attacks/tenant.ts';
import type { Attack } from './support/attack-program.ts';
import { attackSeconds, attackWith, startBystander } from './support/fortress.ts';
import { besiege, lossesIn, untilOver, type SiegeReport } from './support/siege.ts';
import { startTenancy, type Tenancy } from './support/tenancy.ts';

/** As many as it takes to fill the webhook's memory, were they kept as they are. */
const accounts = 900;
/** Generous for a busy machine: 13 s is usual. */
const writtenMs = 180_000;

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

  test(
    'while a tenant writes ServiceAccounts with long annotations, and when the webhook starts meanwhile',
    async () => {
      await using tenancy = await startTenancy(admin, cluster, 'hostile-accounts');
      const { group, tenant, bystander } = tenancy;
      using client = connect(tenant.access);
      const end = new AbortController();
      onTestFinished(() => end.abort());
      const writing = writeAccounts(client, { namespace: tenant.namespace, accounts }, end.signal);
      const { webhook: first } = tenancy.running;
      const report = await besiege({
        ...{ name: 'long annotations', webhook: first, group },
        startOthers: () => startBystander(first, { namespace: bystander.namespace, cluster: bystander.access }),
        attack: signal => untilWritten(admin, tenant.namespace, signal),
      });
      const startMs = performance.now();
      const second = await tenancy.restart();
      const readyMs = (performance.now() - startMs).toFixed(0);
      const afterwards = await besiege({
        ...{ name: `a start with long annotations, ready after ${readyMs} ms`, webhook: second, group },
        startOthers: () => startBystander(second, { namespace: bystander.namespace }),
        attack: signal => untilOver(2, signal).then(() => ({ counts: {}, wrong: [] })),
      });
      end.abort();
      await writing;
      expect({ before: lossesIn(report), after: lossesIn(afterwards) }).toEqual({ before: [], after: [] });
    },
    2 * writtenMs,
  );

  test('while 2,000 connections of another address come and go', async () => {
    await using tenancy = await startTenancy(admin, cluster, 'hostile-connections');
    const report = await attack('2,000 connections beside those of the API server', tenancy, comingAndGoing);
    expect(lossesIn(report)).toEqual([]);
  });
});

/** Until all accounts are there, and for as long as an attack takes. */
async function untilWritten(admin: KubernetesClient, namespace: string, signal: AbortSignal): Promise<AttackReport> {
  const last = `/api/v1/namespaces/${namespace}/serviceaccounts/attack-${accounts - 1}`;
  await untilOver(attackSeconds, signal);
  const isWritten = async (): Promise<boolean> => signal.aborted || (await admin.get(last)).status === 200;
  await waitFor(isWritten, { what: 'all accounts to be written', timeoutMs: writtenMs });
  return { counts: {}, wrong: [] };
}

function attack(name: string, { running, group, bystander }: Tenancy, attack: Attack): Promise<SiegeReport> {
  const { webhook } = running;
  return besiege({
    ...{ name, webhook, group },
    startOthers: () => startBystander(webhook, { namespace: bystander.namespace, cluster: bystander.access }),
    attack: signal => attackWith(webhook, [attack], signal),
  });
}
