import type { Registry } from '@prometheus-io/client';
import type { RequestObserver } from '../kubernetes/client.ts';
import type { ReflectorObserver } from '../kubernetes/reflector.ts';
import type { MetricSpec } from './metric-spec.ts';
import { registerCounter, registerHistogram } from './register-metric.ts';

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
