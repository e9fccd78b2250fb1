import { setTimeout as delay } from 'node:timers/promises';
import { isObject, ownList, ownObject } from '../../src/util/json.ts';
import { roleAnnotation, withRole } from '../apiserver/pods.ts';
import { succeeded } from '../support/cluster/client.ts';
import { createServiceAccount } from '../support/cluster/objects.ts';
import { waitFor } from '../support/wait-for.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm, type Lab } from './support/lab.ts';
import { startLoad } from './support/load.ts';
import { residentMemory } from './support/resident-memory.ts';
import { startService, type Service } from './support/service.ts';
import { sum, type Outcome } from './support/tally.ts';

const hourMs = 3_600_000;
const slopeMegabytesPerHour = 1;
/** So short a run says nothing about the slope: what grows at first is what is needed. */
const judgedFromMs = hourMs;
const sampleMs = 1_000;

/** Creates an account, has a pod of it, and deletes it. */
async function churn({ admin }: Lab, service: Service, name: string): Promise<Outcome> {
  await createServiceAccount(admin, service.namespace, name, withRole(name));
  const outcome = await service.pod(name);
  succeeded(await admin.delete(`/api/v1/namespaces/${service.namespace}/serviceaccounts/${name}`));
  return outcome;
}

/** Accounts of the whole cluster that have a role. */
async function annotated({ admin }: Lab): Promise<number> {
  const { body } = succeeded(await admin.get('/api/v1/serviceaccounts'));
  const roles = ownList(body, 'items').map(item => (isObject(item) ? ownObject(item, 'metadata') : undefined));
  return roles.filter(metadata => ownObject(metadata ?? {}, 'annotations')?.[roleAnnotation] !== undefined).length;
}

/** Accounts in the cache of each replica. */
function cached(service: Service): Promise<readonly (number | undefined)[]> {
  const series = 'irsa_webhook_cache_objects{resource="serviceaccounts"}';
  return Promise.all(service.replicas.map(replica => replica.metric(series)));
}

interface Sample {
  readonly atMs: number;
  readonly megabytes: number;
}

/** The slope of the line with the least squares, of the second half, in MB an hour. */
function slopeOf(samples: readonly Sample[]): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (read: (sample: Sample) => number): number =>
    half.reduce((all, sample) => all + read(sample), 0) / half.length;
  const [at, megabytes] = [mean(sample => sample.atMs), mean(sample => sample.megabytes)];
  const covariance = mean(sample => (sample.atMs - at) * (sample.megabytes - megabytes));
  return (covariance / mean(sample => (sample.atMs - at) ** 2)) * hourMs;
}

export const soak: Fault = {
  row: 27,
  name: 'hours of pods while ServiceAccounts come and go',
  behaviour: 'memory does not grow, no event is missed',
  expected: '0; the cache holds what the cluster has; from an hour on < 1 MB/h (`make soak`: 24 h)',
  isShort: false,
  waits: true,
  async run(lab) {
    const hours = Number(process.env['HOURS'] || '24');
    const forMs = byForm(lab, { short: 5_000, usual: 120_000, long: hours * hourMs });
    await using service = await startService(lab, { name: 'faults-soak' });
    let created = 0;
    const churning = startLoad(byForm(lab, { short: 10, usual: 20, long: 50 }), () =>
      churn(lab, service, `churn-${(created += 1)}`),
    );
    const reviews = startLoad(byForm(lab, { short: 50, usual: 50, long: 100 }), () => service.review());
    const samples: Sample[] = [];
    const startMs = performance.now();
    while (performance.now() - startMs < forMs) {
      await delay(sampleMs);
      const megabytes = await Promise.all(service.replicas.map(async ({ pid }) => (await residentMemory(pid)).now));
      samples.push({ atMs: performance.now() - startMs, megabytes: Math.max(...megabytes) });
    }
    const tallies = await Promise.all([churning.stop(), reviews.stop()]);
    const isCurrent = async (): Promise<boolean> => {
      const expected = await annotated(lab);
      return (await cached(service)).every(count => count === expected);
    };
    const current = waitFor(isCurrent, { what: 'the cache', intervalMs: 200 });
    const missed = await current.then(() => false as const).catch(() => 'the cache holds what is gone' as const);
    const slope = slopeOf(samples);
    const last = samples.at(-1)?.megabytes ?? 0;
    const isSteep = forMs >= judgedFromMs && slope >= slopeMegabytesPerHour;
    const detail = `${(forMs / 60_000).toFixed(0)} min, ${created} accounts; ${last.toFixed(0)} MB, slope ${slope.toFixed(1)} MB/h`;
    return figureOf(sum(tallies), `${detail} ${tallies.map(tally => tally.causes()).join(' ')}`, [
      missed,
      isSteep && `memory grows by ${slope.toFixed(1)} MB/h`,
    ]);
  },
};
