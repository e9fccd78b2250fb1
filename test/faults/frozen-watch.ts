import { annotate, role, roleAnnotation, withRole } from '../apiserver/pods.ts';
import { createServiceAccount } from '../support/cluster/objects.ts';
import { waitFor } from '../support/wait-for.ts';
import { startApiProxy } from './support/api-proxy.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { allowance, byForm } from './support/lab.ts';
import { startService } from './support/service.ts';
import { sum } from './support/tally.ts';

/** To open the watch anew, and to be told. */
const reopenMs = 10_000;

export const frozenWatch: Fault = {
  row: 13,
  name: 'a watch whose peer has vanished without closing it',
  behaviour: 'a watch that is silent for `--silent-watch-timeout`, 2 min 30 s, is opened anew',
  expected: '0; a changed role is seen after 2 min 40 s at the latest',
  isShort: true,
  waits: true,
  async run(lab) {
    const silentSeconds = byForm(lab, { short: 3, usual: 150, long: 150 });
    await using proxy = await startApiProxy(lab.cluster);
    const flags = [`--silent-watch-timeout=${silentSeconds}s`];
    await using service = await startService(lab, { name: 'faults-frozen', proxy, flags });
    await createServiceAccount(lab.admin, service.namespace, 'changed', withRole('changed'));
    const isSeen = async (expected: string): Promise<boolean> =>
      (await Promise.all(Array.from({ length: 6 }, () => service.pod('changed', expected)))).every(
        ({ kind }) => kind === 'mutated',
      );
    await waitFor(() => isSeen(role('changed')), { what: 'the account' });
    const loads = service.load(5, 20);
    proxy.freezeWatches();
    const startMs = performance.now();
    await annotate(lab.admin, service.namespace, 'changed', { [roleAnnotation]: role('later') });
    const timeoutMs = (silentSeconds * 1_000 + reopenMs) * allowance();
    await waitFor(() => isSeen(role('later')), { what: 'the change', timeoutMs, intervalMs: 200 });
    const tookMs = performance.now() - startMs;
    const tallies = await Promise.all(loads.map(load => load.stop()));
    const detail = `seen after ${(tookMs / 1_000).toFixed(1)} s with a time-out of ${silentSeconds} s`;
    return figureOf(sum(tallies), `${detail} ${tallies.map(tally => tally.causes()).join(' ')}`, [
      tookMs < silentSeconds * 500 && 'the watch was not frozen',
    ]);
  },
};
