import type { Registry } from '@prometheus-io/client';
import type { ObservedSources, SourceObserver } from '../sources/source-observer.ts';
import type { MetricSpec } from './metric-spec.ts';
import { registerCounter, registerGauge, registerHistogram } from './register-metric.ts';

const lookupsSpec: MetricSpec<'source' | 'result'> = {
  type: 'counter',
  name: 'irsa_webhook_serviceaccount_lookups_total',
  help: 'Lookups of ServiceAccounts by where they were looked for.',
  labels: [
    { name: 'source', values: ['cache', 'api', 'configmap'] },
    { name: 'result', values: ['hit', 'miss', 'error'] },
  ],
};

const waitSpec: MetricSpec<never> = {
  type: 'histogram',
  name: 'irsa_webhook_serviceaccount_wait_seconds',
  help: 'How long reviews waited for a ServiceAccount that the cache could not vouch for.',
  labels: [],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
};

const syncedSpec: MetricSpec<'resource'> = {
  type: 'gauge',
  name: 'irsa_webhook_cache_synced',
  help: '1 when the cache of this resource has been filled, else 0.',
  labels: [{ name: 'resource', values: [] }],
};

const objectsSpec: MetricSpec<'resource'> = {
  type: 'gauge',
  name: 'irsa_webhook_cache_objects',
  help: 'Objects in the cache that give an identity.',
  labels: [{ name: 'resource', values: [] }],
};

const lastContactSpec: MetricSpec<'resource'> = {
  type: 'gauge',
  name: 'irsa_webhook_watch_last_contact_timestamp_seconds',
  help: 'When the API server last sent anything about this resource, bookmarks included.',
  labels: [{ name: 'resource', values: [] }],
};

const invalidSpec: MetricSpec<'reason'> = {
  type: 'gauge',
  name: 'irsa_webhook_invalid_serviceaccounts',
  help: 'ServiceAccounts with an annotation that is not valid, whether a pod uses them or not.',
  labels: [{ name: 'reason', values: [] }],
};

export const sourceMetricSpecs: readonly MetricSpec[] = [
  lookupsSpec,
  waitSpec,
  syncedSpec,
  objectsSpec,
  lastContactSpec,
  invalidSpec,
];

/** Gauges that hold what the sources said last. */
export interface SourceGauges {
  /** The sources' clock was 0 at `clockOriginMs`, milliseconds since the epoch. */
  readFrom(sources: ObservedSources, clockOriginMs: number): void;
}

export function createSourceMetrics(registry: Registry): Omit<SourceObserver, 'refused'> & SourceGauges {
  const lookups = registerCounter(registry, lookupsSpec);
  const wait = registerHistogram(registry, waitSpec);
  return {
    lookedUp: (source, result) => lookups.inc({ source, result }),
    waited: ms => wait.observe(ms / 1_000),
    ...createSourceGauges(registry),
  };
}

function createSourceGauges(registry: Registry): SourceGauges {
  const synced = registerGauge(registry, syncedSpec);
  const objects = registerGauge(registry, objectsSpec);
  const lastContact = registerGauge(registry, lastContactSpec);
  const invalid = registerGauge(registry, invalidSpec);
  return {
    readFrom(sources, clockOriginMs) {
      for (const { resource, synced: isSynced, objects: count, lastContactMs } of sources.status()) {
        synced.set({ resource }, isSynced ? 1 : 0);
        objects.set({ resource }, count);
        if (lastContactMs !== undefined) lastContact.set({ resource }, (clockOriginMs + lastContactMs) / 1_000);
      }
      invalid.reset(); // reasons that are gone
      for (const [reason, count] of sources.invalidServiceAccounts()) invalid.set({ reason }, count);
    },
  };
}
