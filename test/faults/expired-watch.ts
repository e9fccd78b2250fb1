import { setTimeout as delay } from 'node:timers/promises';
import { annotate, createServiceAccounts, role, roleAnnotation, withRole } from '../apiserver/pods.ts';
import { succeeded } from '../support/cluster/client.ts';
import { createServiceAccount } from '../support/cluster/objects.ts';
import { waitFor } from '../support/wait-for.ts';
import { startApiProxy } from './support/api-proxy.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { startLoad } from './support/load.ts';
import { startService } from './support/service.ts';
import { sum } from './support/tally.ts';

const relistMs = 2_000;

export const expiredWatch: Fault = {
  row: 12,
  name: 'the watch expires (410, compaction), and the list takes long',
  behaviour: 'what is known is served until the new list is complete; then what was deleted meanwhile is gone',
  expected: '0; changes and deletions of the gap are applied',
  isShort: true,
  waits: false,
  async run(lab) {
    await using proxy = await startApiProxy(lab.cluster);
    await using service = await startService(lab, { name: 'faults-expired', proxy });
    const names = Array.from({ length: 50 }, (_, index) => `known-${index}`);
    await createServiceAccounts(lab.admin, service.namespace, names, withRole);
    let next = 0;
    const known = startLoad(20, () => service.pod(names[(next += 1) % names.length]));
    const loads = [known, ...service.load(5, 50)];
    await delay(1_000);
    const rounds = byForm(lab, { short: 1, usual: 3, long: 100 });
    const misses: (string | false)[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const deleted = `deleted-${round}`;
      await createServiceAccount(lab.admin, service.namespace, deleted, withRole(deleted));
      await delay(1_000);
      proxy.hold = ({ path }) => (path.endsWith('/serviceaccounts') ? delay(relistMs) : undefined);
      proxy.expireWatches();
      const path = `/api/v1/namespaces/${service.namespace}/serviceaccounts/${deleted}`;
      succeeded(await lab.admin.delete(path));
      await createServiceAccount(lab.admin, service.namespace, deleted);
      await annotate(lab.admin, service.namespace, 'known-0', { [roleAnnotation]: role('known-0') });
      await delay(relistMs);
      proxy.hold = () => undefined;
      const isApplied = async (): Promise<boolean> => (await service.pod(deleted)).kind === 'unmutated';
      const applied = waitFor(isApplied, { what: 'the deletion to be applied', timeoutMs: 30_000 });
      misses.push(await applied.then(() => false as const).catch(String));
    }
    const tallies = await Promise.all(loads.map(load => load.stop()));
    return figureOf(sum(tallies), `${rounds} expirations ${tallies.map(tally => tally.causes()).join(' ')}`, misses);
  },
};
