import * as z from 'zod';

const labels = z.record(z.string(), z.string());
const metadata = z.strictObject({
  name: z.string(),
  namespace: z.string(),
  labels,
  annotations: labels.optional(),
});
const selector = z.strictObject({ matchLabels: labels });
const duration = z.string().regex(/^\d+(ms|s|m|h)$/);

function resource(apiVersion: string, kind: string, spec: z.ZodType): z.ZodType {
  return z.strictObject({ apiVersion: z.literal(apiVersion), kind: z.literal(kind), metadata, spec });
}

const issuerReference = z.strictObject({ group: z.literal('cert-manager.io'), kind: z.string(), name: z.string() });

/** https://cert-manager.io/docs/reference/api-docs/, as far as the chart uses it. */
const certificate = z.strictObject({
  secretName: z.string(),
  commonName: z.string().max(64),
  duration,
  renewBefore: duration.optional(),
  dnsNames: z.array(z.string()).min(1).optional(),
  isCA: z.boolean().optional(),
  usages: z.array(z.enum(['digital signature', 'server auth'])).optional(),
  privateKey: z.strictObject({
    algorithm: z.literal('ECDSA'),
    size: z.literal(256),
    rotationPolicy: z.literal('Always').optional(),
  }),
  issuerRef: issuerReference,
});

const issuer = z.union([
  z.strictObject({ selfSigned: z.strictObject({}) }),
  z.strictObject({ ca: z.strictObject({ secretName: z.string() }) }),
]);

/** https://prometheus-operator.dev/docs/api-reference/api/, as far as the chart uses it. */
const endpoint = z.strictObject({
  port: z.string(),
  path: z.string(),
  interval: duration.optional(),
  scrapeTimeout: duration.optional(),
  honorLabels: z.boolean().optional(),
  followRedirects: z.boolean().optional(),
  relabelings: z.array(z.object({})).optional(),
  metricRelabelings: z.array(z.object({})).optional(),
});

const serviceMonitor = z.strictObject({
  jobLabel: z.string(),
  selector,
  namespaceSelector: z.strictObject({ matchNames: z.array(z.string()) }),
  endpoints: z.array(endpoint).min(1),
});

const podMonitor = z.strictObject({ jobLabel: z.string(), selector, podMetricsEndpoints: z.array(endpoint).min(1) });

const alert = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: duration.optional(),
  labels: z.strictObject({ severity: z.enum(['info', 'warning', 'critical']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.url().optional() }),
});

const rules = z.array(z.union([alert, z.strictObject({ record: z.string(), expr: z.string() })]));
const prometheusRule = z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules })) });

const dashboard = z.strictObject({ instanceSelector: selector, json: z.string() });

/** Kinds that kubernetes-models does not know, by `apiVersion/kind`. */
export const customResources: ReadonlyMap<string, z.ZodType> = new Map([
  ['cert-manager.io/v1/Certificate', resource('cert-manager.io/v1', 'Certificate', certificate)],
  ['cert-manager.io/v1/Issuer', resource('cert-manager.io/v1', 'Issuer', issuer)],
  ['monitoring.coreos.com/v1/ServiceMonitor', resource('monitoring.coreos.com/v1', 'ServiceMonitor', serviceMonitor)],
  ['monitoring.coreos.com/v1/PodMonitor', resource('monitoring.coreos.com/v1', 'PodMonitor', podMonitor)],
  ['monitoring.coreos.com/v1/PrometheusRule', resource('monitoring.coreos.com/v1', 'PrometheusRule', prometheusRule)],
  [
    'grafana.integreatly.org/v1beta1/GrafanaDashboard',
    resource('grafana.integreatly.org/v1beta1', 'GrafanaDashboard', dashboard),
  ],
]);
