import { collectDefaultMetrics, Registry } from '@prometheus-io/client';
import type { CertificateObserver } from '../certificates/certificate-files.ts';
import type { AuthorityObserver } from '../certificates/self-managed/self-managed-certificates.ts';
import type { RequestObserver } from '../kubernetes/client.ts';
import type { ReflectorObserver } from '../kubernetes/reflector.ts';
import type { HttpObserver } from '../server/create-app.ts';
import type { ReviewObserver } from '../server/review.ts';
import type { MetricsPage } from '../server/operations-app.ts';
import type { ObservedSources, SourceObserver } from '../sources/source-observer.ts';
import {
  admissionMetricSpecs,
  createAdmissionMetrics,
  createHttpMetrics,
  httpMetricSpecs,
} from './admission-metrics.ts';
import { certificateMetricSpecs, createCertificateMetrics } from './certificate-metrics.ts';
import {
  createKubernetesMetrics,
  kubernetesMetricSpecs,
  createSourceMetrics,
  sourceMetricSpecs,
  type SourceGauges,
} from './source-metrics.ts';
import { createLegacyMetrics } from './legacy-metrics.ts';
import { type MetricSpec, registerCounter, registerGauge } from './register-metric.ts';
import { refusalReasons, type RefusalObserver } from '../util/refusal.ts';

const buildInfoSpec: MetricSpec<'version' | 'revision' | 'node_version'> = {
  type: 'gauge',
  name: 'irsa_webhook_build_info',
  help: 'Always 1; the labels say what is running.',
  labels: [
    { name: 'version', values: [] },
    { name: 'revision', values: [] },
    { name: 'node_version', values: [] },
  ],
};

const refusedSpec: MetricSpec<'reason'> = {
  type: 'counter',
  name: 'irsa_webhook_refused_total',
  help: 'What was refused so that no caller and no namespace takes the others’ part.',
  labels: [{ name: 'reason', values: refusalReasons }],
};

const droppedLinesSpec: MetricSpec<never> = {
  type: 'counter',
  name: 'irsa_webhook_log_lines_dropped_total',
  help: 'Log lines dropped because nobody read them in time, or because they could not be written.',
  labels: [],
};

/** Every series that is always there, for the documentation; `process_*` and `nodejs_*` come on top. */
export const metricSpecs: readonly MetricSpec[] = [
  buildInfoSpec,
  ...admissionMetricSpecs,
  ...httpMetricSpecs,
  refusedSpec,
  ...sourceMetricSpecs,
  ...kubernetesMetricSpecs,
  ...certificateMetricSpecs,
  droppedLinesSpec,
];

export interface MetricsOptions {
  readonly version: string;
  readonly revision: string;
  readonly nodeVersion: string;
  /** True when the AWS webhook's names are there as well. */
  readonly legacyNames: boolean;
}

/** Recorders for everything that is counted, and the page that shows it. */
export interface Metrics
  extends
    Pick<ReviewObserver, 'decided'>,
    HttpObserver,
    SourceObserver,
    RequestObserver,
    ReflectorObserver,
    CertificateObserver,
    AuthorityObserver {
  readonly logLinesDropped: (lines: number) => void;
  /** Asks the sources at each scrape from now on; their clock was 0 at `clockOriginMs` (milliseconds since the epoch). */
  observeSources(sources: ObservedSources, clockOriginMs: number): void;
  /** The page for Prometheus. */
  readonly scrape: () => Promise<MetricsPage>;
}

/** Metrics in a registry of their own, so that a process can hold several. */
export function createMetrics({ version, revision, nodeVersion, legacyNames }: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerGauge(registry, buildInfoSpec).set({ version, revision, node_version: nodeVersion }, 1);
  const droppedLines = registerCounter(registry, droppedLinesSpec);
  const recorders = createRecorders(registry, legacyNames);
  let readSources: () => void = () => undefined;
  return {
    ...recorders,
    logLinesDropped: lines => droppedLines.inc(lines),
    observeSources(sources, clockOriginMs) {
      readSources = () => recorders.readFrom(sources, clockOriginMs);
    },
    async scrape() {
      readSources();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

type Recorders = Omit<Metrics, 'logLinesDropped' | 'observeSources' | 'scrape'> & SourceGauges;

function createRecorders(registry: Registry, legacyNames: boolean): Recorders {
  const admission = createAdmissionMetrics(registry);
  const http = createHttpMetrics(registry);
  const sources = createSourceMetrics(registry);
  const legacy = legacyNames ? createLegacyMetrics(registry) : undefined;
  return {
    ...http,
    ...sources,
    ...createKubernetesMetrics(registry),
    ...createCertificateMetrics(registry),
    ...createRefusalMetrics(registry),
    decided(decision, seconds) {
      admission.decided(decision, seconds);
      legacy?.decided(decision);
    },
    requestEnded(request) {
      http.requestEnded(request);
      legacy?.requestEnded(request);
    },
    readFrom(observed, clockOriginMs) {
      sources.readFrom(observed, clockOriginMs);
      legacy?.readFrom(observed);
    },
  };
}

function createRefusalMetrics(registry: Registry): RefusalObserver {
  const refused = registerCounter(registry, refusedSpec);
  return { refused: reason => refused.inc({ reason }) };
}
