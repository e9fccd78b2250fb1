import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareBinaries } from '../support/cluster/build.ts';
import { connect, type KubernetesClient } from '../support/cluster/client.ts';
import { startCluster, type Cluster } from '../support/cluster/cluster.ts';
import { comingAndGoing, tenantPlans } from './attacks/tenant-attacks.ts';
import { besiegeWithAccounts } from './support/accounts-siege.ts';
import { lossesIn } from './support/siege.ts';
import { besiegeInCluster } from './support/tenant-siege.ts';

/** The API server itself takes long where others use the machine. */
const timeoutMs = 360_000;

const binaries = await prepareBinaries();

const options = { skip: binaries.kind === 'unavailable', timeout: timeoutMs };

describe('With a real API server, pods of others get their identity', options, () => {
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
      const report = await besiegeInCluster(admin, cluster, { name, prefix: `hostile-${index}`, attack: tenant });
      expect(lossesIn(report)).toEqual([]);
    });
  }

  // How fast a start is while the tenant goes on writing depends on the API server: `make faults` measures it.
  test('while a tenant writes ServiceAccounts with long annotations, and when the webhook starts with them (E170)', async () => {
    const { whileWritten, afterStart } = await besiegeWithAccounts(admin, cluster, 'hostile-accounts', 'accounts');
    expect([...lossesIn(whileWritten), ...lossesIn(afterStart)]).toEqual([]);
  });

  test('while 2,000 connections of another address come and go (E154)', async () => {
    const name = '2,000 connections beside those of the API server';
    const report = await besiegeInCluster(admin, cluster, { name, prefix: 'hostile-idle', attack: comingAndGoing });
    expect(lossesIn(report)).toEqual([]);
  });
});
