import type { Registry } from '@prometheus-io/client';
import type { HttpObserver } from '../server/create-app.ts';
import type { MetricSpec } from './metric-spec.ts';
import { registerCounter, registerGauge } from './register-metric.ts';

const requestsSpec: MetricSpec<'handler' | 'code'> = {
  type: 'counter',
  name: 'irsa_webhook_http_requests_total',
  help: 'HTTP requests by path and status; 499 when the client did not wait for the answer.',
  labels: [
    { name: 'handler', values: [] },
    { name: 'code', values: [] },
  ],
};

const inFlightSpec: MetricSpec<'handler'> = {
  type: 'gauge',
  name: 'irsa_webhook_http_requests_in_flight',
  help: 'HTTP requests that are being received or answered.',
  labels: [{ name: 'handler', values: [] }],
};

export const httpMetricSpecs: readonly MetricSpec[] = [requestsSpec, inFlightSpec];

/** What the API server can get, so that a rate of errors is 0 and not absent while there are none. */
const mutateCodes = ['200', '400', '413', '415', '499', '500', '503'] as const;

/** The handlers are expected to be few: the caller maps unknown paths to one name. */
export function createHttpMetrics(registry: Registry): Omit<HttpObserver, 'refused'> {
  const requests = registerCounter(registry, requestsSpec);
  const inFlight = registerGauge(registry, inFlightSpec);
  for (const code of mutateCodes) requests.inc({ handler: '/mutate', code }, 0);
  return {
    requestStarted: handler => inFlight.inc({ handler }),
    requestEnded({ handler, code }) {
      inFlight.dec({ handler });
      requests.inc({ handler, code });
    },
  };
}
