import { Summary, type Registry } from '@prometheus-io/client';
import type { Decision } from '../admission/answer.ts';
import type { HttpObserver } from '../server/create-app.ts';
import type { ObservedSources } from '../sources/source-observer.ts';
import { type MetricSpec, registerCounter, registerGauge, registerHistogram } from './register-metric.ts';

// The names of the AWS webhook, for the dashboards that people have. Its `certificate_manager_server_rotation_seconds`
// belongs to the certificate API mode, which no current cluster supports.

const requestsSpec: MetricSpec<'verb' | 'path' | 'code'> = {
  type: 'counter',
  name: 'http_request_count',
  help: 'Requests to /mutate, under the name that the AWS webhook has for them.',
  labels: [
    { name: 'verb', values: [] },
    { name: 'path', values: [] },
    { name: 'code', values: [] },
  ],
};

const latencySpec: MetricSpec<'verb' | 'path'> = {
  type: 'histogram',
  name: 'http_request_latencies',
  help: 'Time of requests to /mutate in microseconds.',
  labels: [
    { name: 'verb', values: [] },
    { name: 'path', values: [] },
  ],
  buckets: [0, 1, 2, 3, 4, 5, 6].map(power => 125_000 * 2 ** power),
};

const durationSpec: MetricSpec<'verb' | 'path'> = {
  type: 'summary',
  name: 'http_request_duration_microseconds',
  help: 'Time of requests to /mutate in microseconds, sum and count.',
  labels: [
    { name: 'verb', values: [] },
    { name: 'path', values: [] },
  ],
};

const podsSpec: MetricSpec<'method'> = {
  type: 'counter',
  name: 'pod_identity_webhook_pod_count',
  help: 'Pods with an identity, changed or not, without dry runs.',
  labels: [{ name: 'method', values: ['sts_web_identity', 'container_credentials'] }],
};

const missingSpec: MetricSpec<never> = {
  type: 'counter',
  name: 'pod_identity_webhook_missing_sa_count',
  help: 'Pods whose ServiceAccount was not found, without dry runs.',
  labels: [],
};

const usedSpec: MetricSpec<never> = {
  type: 'gauge',
  name: 'pod_identity_webhook_used',
  help: '1 when something in a cache gives an identity.',
  labels: [],
};

export const legacyMetricSpecs: readonly MetricSpec[] = [
  requestsSpec,
  latencySpec,
  durationSpec,
  podsSpec,
  missingSpec,
  usedSpec,
];

/** What the AWS webhook counts as well. */
export interface LegacyMetrics extends Pick<HttpObserver, 'requestEnded'> {
  decided(decision: Decision): void;
  readFrom(sources: ObservedSources): void;
}

export function createLegacyMetrics(registry: Registry): LegacyMetrics {
  return { ...createRequestMetrics(registry), ...createPodMetrics(registry), ...createUsedMetric(registry) };
}

function createRequestMetrics(registry: Registry): Pick<LegacyMetrics, 'requestEnded'> {
  const requests = registerCounter(registry, requestsSpec);
  const latency = registerHistogram(registry, latencySpec);
  const { name, help } = durationSpec;
  const duration = new Summary({
    name,
    help,
    labelNames: ['verb', 'path'],
    registers: [registry],
    percentiles: [],
  });
  return {
    requestEnded({ handler: path, method: verb, code, seconds }) {
      if (path !== '/mutate') return;
      const microseconds = seconds * 1e6;
      requests.inc({ verb, path, code });
      latency.observe({ verb, path }, microseconds);
      duration.observe({ verb, path }, microseconds);
    },
  };
}

function createPodMetrics(registry: Registry): Pick<LegacyMetrics, 'decided'> {
  const pods = registerCounter(registry, podsSpec);
  const missing = registerCounter(registry, missingSpec);
  return {
    decided({ outcome, method, dryRun }) {
      if (dryRun) return;
      if (outcome === 'service_account_not_found') missing.inc();
      if (method === 'none' || (outcome !== 'mutated' && outcome !== 'unchanged')) return;
      pods.inc({ method: method === 'web_identity' ? 'sts_web_identity' : method });
    },
  };
}

function createUsedMetric(registry: Registry): Pick<LegacyMetrics, 'readFrom'> {
  const used = registerGauge(registry, usedSpec);
  return {
    readFrom: sources => used.set(sources.status().some(({ objects }) => objects > 0) ? 1 : 0),
  };
}
