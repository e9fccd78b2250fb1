import type { Registry } from '@prometheus-io/client';
import type { Decision, Hook, Outcome } from '../admission/answer.ts';
import type { ReviewObserver } from '../server/review.ts';
import { type MetricSpec, registerCounter, registerHistogram, registerGauge } from './register-metric.ts';
import type { HttpObserver } from '../server/create-app.ts';

/** Records whose keys the compiler knows to be all values of a union. */
type AllOf<T extends string> = { readonly [value in T]: true };

const outcomes: AllOf<Outcome> = {
  mutated: true,
  unchanged: true,
  no_identity: true,
  skipped: true,
  service_account_not_found: true,
  invalid_annotation: true,
  denied: true,
  error: true,
};
const methods: AllOf<Decision['method']> = {
  web_identity: true,
  container_credentials: true,
  unknown: true,
  none: true,
};
const hooks: AllOf<Hook> = { default: true, require: true, ephemeral: true };
const skipReasons: AllOf<Decision['containersSkipped'][number]> = {
  skip_containers_annotation: true,
  not_in_include_containers_annotation: true,
  already_injected: true,
  already_configured: true,
  malformed_container: true,
};

const reviewsSpec: MetricSpec<'outcome' | 'method' | 'hook'> = {
  type: 'counter',
  name: 'irsa_webhook_admission_reviews_total',
  help: 'Reviews decided, dry runs included.',
  labels: [
    { name: 'outcome', values: Object.keys(outcomes) },
    { name: 'method', values: Object.keys(methods) },
    { name: 'hook', values: Object.keys(hooks) },
  ],
};

const durationSpec: MetricSpec<'outcome'> = {
  type: 'histogram',
  name: 'irsa_webhook_admission_duration_seconds',
  help: 'Time from the last byte of a review to its answer, waiting for the API server included.',
  labels: [{ name: 'outcome', values: Object.keys(outcomes) }],
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
};

const injectedSpec: MetricSpec<never> = {
  type: 'counter',
  name: 'irsa_webhook_containers_injected_total',
  help: 'Containers that got an identity, without dry runs.',
  labels: [],
};

const skippedSpec: MetricSpec<'reason'> = {
  type: 'counter',
  name: 'irsa_webhook_containers_skipped_total',
  help: 'Containers of pods with an identity that were left as they are, without dry runs.',
  labels: [{ name: 'reason', values: Object.keys(skipReasons) }],
};

export const admissionMetricSpecs: readonly MetricSpec[] = [reviewsSpec, durationSpec, injectedSpec, skippedSpec];

export function createAdmissionMetrics(registry: Registry): Pick<ReviewObserver, 'decided'> {
  const reviews = registerCounter(registry, reviewsSpec);
  const duration = registerHistogram(registry, durationSpec);
  const injected = registerCounter(registry, injectedSpec);
  const skipped = registerCounter(registry, skippedSpec);
  for (const outcome of Object.keys(outcomes)) duration.zero({ outcome });
  return {
    decided({ outcome, method, hook, dryRun, containersInjected, containersSkipped }, seconds) {
      reviews.inc({ outcome, method, hook });
      duration.observe({ outcome }, seconds);
      if (dryRun) return; // no container came to be (E14)
      injected.inc(containersInjected);
      for (const reason of containersSkipped) skipped.inc({ reason });
    },
  };
}

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
