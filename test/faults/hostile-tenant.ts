import { connect } from '../support/cluster/client.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { comingAndGoing, tenantPlans } from '../hostile/attacks/tenant-attacks.ts';
import { besiegeWithAccounts } from '../hostile/support/accounts-siege.ts';
import { chooseCores } from '../hostile/support/cores.ts';
import { besiegeInCluster } from '../hostile/support/tenant-siege.ts';
import type { Fault } from './support/fault.ts';
import { allowance } from './support/lab.ts';
import { figureOfSieges, probeTimeoutMs, type NamedSiege } from './support/siege-figure.ts';

const readyMsAtMost = 2_000;

/** It has an API server of its own, on the core of the clients. */
export const hostileTenant: Fault = {
  row: 30,
  name: 'a tenant who may create pods and ServiceAccounts in one namespace does the same by the API server',
  behaviour: 'the same; of an annotation no more than 2,048 characters are read, and none is kept beyond that',
  expected: '0 of others, no probe, p99 of others ≤ 100 ms; ≤ 220 of 256 MiB; ready ≤ 2 s after a start meanwhile',
  isShort: false,
  waits: false,
  async run() {
    await using cluster = await startCluster({ command: chooseCores().clients });
    using admin = connect({ ...cluster, token: cluster.adminToken });
    const sieges: NamedSiege[] = [];
    const attacks = [
      ...tenantPlans.map(({ name, tenant }) => ({ name, attack: tenant })),
      { name: '2,000 connections', attack: comingAndGoing },
    ];
    for (const [index, attack] of attacks.entries()) {
      const options = { ...attack, prefix: `hostile-${index}`, probeTimeoutMs: probeTimeoutMs() };
      sieges.push({ name: attack.name, report: await besiegeInCluster(admin, cluster, options) });
    }
    const { whileWritten, afterStart, readyMs } = await besiegeWithAccounts(
      admin,
      cluster,
      'hostile-accounts',
      'writes',
    );
    sieges.push({ name: 'long annotations', report: whileWritten }, { name: 'a start with them', report: afterStart });
    const isInTime = readyMs !== undefined && readyMs <= readyMsAtMost * allowance();
    return figureOfSieges(sieges, [!isInTime && `ready after ${readyMs?.toFixed(0) ?? 'many'} ms`]);
  },
};
