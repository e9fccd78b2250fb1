import type { Registry } from '@prometheus-io/client';
import type { CertificateObserver } from '../certificates/certificate-files.ts';
import type { AuthorityObserver } from '../certificates/self-managed/self-managed-certificates.ts';
import { type MetricSpec, registerCounter, registerGauge } from './register-metric.ts';

const notAfterSpec: MetricSpec<'cert'> = {
  type: 'gauge',
  name: 'irsa_webhook_tls_certificate_not_after_timestamp_seconds',
  help: 'End of the validity of the certificate in use, and of our own authority where it signs.',
  labels: [{ name: 'cert', values: ['serving', 'ca'] }],
};

const bundleSpec: MetricSpec<never> = {
  type: 'gauge',
  name: 'irsa_webhook_ca_bundle_in_sync',
  help: '1 when the webhook configuration has API servers trust the serving certificate, else 0; only where we are our own authority.',
  labels: [],
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

export const certificateMetricSpecs: readonly MetricSpec[] = [notAfterSpec, bundleSpec, readsSpec, readErrorsSpec];

export function createCertificateMetrics(registry: Registry): CertificateObserver & AuthorityObserver {
  const notAfter = registerGauge(registry, notAfterSpec);
  const reads = registerCounter(registry, readsSpec);
  const readErrors = registerCounter(registry, readErrorsSpec);
  const bundle = registerGauge(registry, bundleSpec);
  // It would be 0 from now on, an alarm where nobody looks at the bundle.
  bundle.remove();
  return {
    certificateRead: () => reads.inc(),
    certificateReadFailed: () => readErrors.inc(),
    certificateInUse: notAfterMs => notAfter.set({ cert: 'serving' }, notAfterMs / 1_000),
    authorityInUse: notAfterMs => notAfter.set({ cert: 'ca' }, notAfterMs / 1_000),
    bundleInSync: isInSync => bundle.set(isInSync ? 1 : 0),
  };
}
