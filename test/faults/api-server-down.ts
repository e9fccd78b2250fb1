import { setTimeout as delay } from 'node:timers/promises';
import { createServiceAccount } from '../support/cluster/objects.ts';
import { withRole } from '../apiserver/pods.ts';
import { waitFor } from '../support/wait-for.ts';
import type { WebhookProcess } from '../support/webhook-process.ts';
import { startApiProxy } from './support/api-proxy.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { allowance, byForm } from './support/lab.ts';
import { startService } from './support/service.ts';
import { sum, Tally } from './support/tally.ts';

const backMs = 30_000;

async function isFollowing(replica: WebhookProcess): Promise<boolean> {
  return (await replica.ask('/readyz')).body.includes('[+]identities ok\n');
}

export const apiServerDown: Fault = {
  row: 11,
  name: 'the webhook cannot reach the API server for 5 min',
  behaviour:
    'accounts that are known get their identity, replicas stay ready; pods of unknown accounts are left to the failurePolicy (`--fault-response`)',
  expected: '0 of known accounts; ready all the time; following again ≤ 30 s after',
  isShort: false,
  waits: true,
  async run(lab) {
    await using proxy = await startApiProxy(lab.cluster);
    await using service = await startService(lab, { name: 'faults-api-down', proxy });
    const loads = service.load(5, 20);
    const unready = new Tally();
    const probes = setInterval(() => {
      for (const replica of service.replicas)
        void replica
          .ask('/readyz')
          .then(({ status }) => unready.add(status === 200 ? { kind: 'mutated' } : { kind: 'unmutated' }));
    }, 1_000);
    const seconds = byForm(lab, { short: 5, usual: 300, long: 1_800 });
    proxy.gate.shut();
    const unknown = new Tally();
    await createServiceAccount(lab.admin, service.namespace, 'unknown', withRole('unknown'));
    await unknown.count(service.pod('unknown'));
    await delay(seconds * 1_000);
    proxy.gate.open();
    const openMs = performance.now();
    const follow = async (): Promise<boolean> => (await Promise.all(service.replicas.map(isFollowing))).every(Boolean);
    await waitFor(follow, { what: 'both to follow again', timeoutMs: 120_000 });
    const backAfterMs = performance.now() - openMs;
    clearInterval(probes);
    const tallies = await Promise.all(loads.map(load => load.stop()));
    const outcome = unknown.failed === 1 ? 'refused' : 'let in';
    return figureOf(
      sum(tallies),
      `${seconds} s; following again after ${(backAfterMs / 1_000).toFixed(1)} s; the pod of an unknown account was ${outcome} ${tallies.map(tally => tally.causes()).join(' ')}`,
      [
        unready.unmutated > 0 && `${unready.unmutated} probes said not ready`,
        unknown.unmutated > 0 && 'a pod of an unknown account went without identity',
        backAfterMs > backMs * allowance() && 'it took too long to follow again',
      ],
    );
  },
};
