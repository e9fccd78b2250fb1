import type { Registry } from '@prometheus-io/client';
import type { MetricSpec } from './metric-spec.ts';
import { registerCounter, registerGauge } from './register-metric.ts';

const notAfterSpec: MetricSpec<'cert'> = {
  type: 'gauge',
  name: 'irsa_webhook_tls_certificate_not_after_timestamp_seconds',
  help: 'End of the validity of the certificate in use.',
  labels: [{ name: 'cert', values: ['serving'] }],
};

// These two have the names that controller-runtime gives them, so that its dashboards and alerts fit.
const readsSpec: MetricSpec<never> = {
  type: 'counter',
  name: 'certwatcher_read_certificate_total',
  help: 'Readings of the certificate files.',
  labels: [],
};

const readErrorsSpec: MetricSpec<never> = {
  type: 'counter',
  name: 'certwatcher_read_certificate_errors_total',
  help: 'Readings of the certificate files that gave no pair to serve with.',
  labels: [],
};

export const certificateMetricSpecs: readonly MetricSpec[] = [notAfterSpec, readsSpec, readErrorsSpec];

export interface CertificateMetrics {
  certificateRead(): void;
  certificateReadFailed(): void;
  certificateInUse(notAfterMs: number): void;
}

export function createCertificateMetrics(registry: Registry): CertificateMetrics {
  const notAfter = registerGauge(registry, notAfterSpec);
  const reads = registerCounter(registry, readsSpec);
  const readErrors = registerCounter(registry, readErrorsSpec);
  return {
    certificateRead: () => reads.inc(),
    certificateReadFailed: () => readErrors.inc(),
    certificateInUse: notAfterMs => notAfter.set({ cert: 'serving' }, notAfterMs / 1_000),
  };
}
