import type { Registry } from '@prometheus-io/client';
import type { ObservedSources, SourceObserver } from '../sources/source-observer.ts';
import { type MetricSpec, registerCounter, registerGauge, registerHistogram } from './register-metric.ts';
import type { RequestObserver } from '../kubernetes/client.ts';
import type { ReflectorObserver } from '../kubernetes/reflector.ts';

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

const restartsSpec: MetricSpec<'resource' | 'reason'> = {
  type: 'counter',
  name: 'irsa_webhook_watch_restarts_total',
  help: 'Watches begun anew: closed by the server, silent for too long, at an expired version, or after an error.',
  labels: [
    { name: 'resource', values: [] },
    { name: 'reason', values: ['closed', 'timeout', 'expired', 'error'] },
  ],
};

// These two have the names and buckets of client-go, so that its dashboards fit.
const requestsSpec: MetricSpec<'code' | 'method' | 'host'> = {
  type: 'counter',
  name: 'rest_client_requests_total',
  help: 'Requests to the API server.',
  labels: [
    { name: 'code', values: [] },
    { name: 'method', values: [] },
    { name: 'host', values: [] },
  ],
};

const durationSpec: MetricSpec<'verb' | 'host'> = {
  type: 'histogram',
  name: 'rest_client_request_duration_seconds',
  help: 'Time until the headers of the API server came.',
  labels: [
    { name: 'verb', values: [] },
    { name: 'host', values: [] },
  ],
  buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
};

export const kubernetesMetricSpecs: readonly MetricSpec[] = [restartsSpec, requestsSpec, durationSpec];

export function createKubernetesMetrics(registry: Registry): RequestObserver & ReflectorObserver {
  const restarts = registerCounter(registry, restartsSpec);
  const requests = registerCounter(registry, requestsSpec);
  const duration = registerHistogram(registry, durationSpec);
  return {
    watchRestarted: (resource, reason) => restarts.inc({ resource, reason }),
    requestFinished({ code, method, host, durationMs }) {
      requests.inc({ code, method, host });
      duration.observe({ verb: method, host }, durationMs / 1_000);
    },
  };
}
