import type { KubernetesObject } from '../chart/helm.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import {
  add,
  answer,
  both,
  bundle,
  create,
  gone,
  metrics,
  refusal,
  status,
  type Variation,
  deployment,
  name,
} from './changes.ts';
import { metricsPath, podNames, webhookMetrics } from './healthy-cluster.ts';

const expired = createCertificateAuthority({ notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') });
const stranger = createCertificateAuthority();
const secret = (of: string, data: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: of, namespace: 'irsa-system' },
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
});
const health = '/api/v1/namespaces/irsa-system/services/https:irsa-webhook:443/proxy/healthz';

/** Of certificates and of what answers the API server. */
export const workloadVariations: readonly Variation[] = [
  {
    code: 'ca-bundle',
    when: 'there is none',
    change: bundle(''),
    expected: 'failed',
    detail: 'pod-identity-webhook.amazonaws.com has no caBundle: the API server trusts nobody',
  },
  {
    code: 'ca-bundle',
    when: 'it holds no certificate',
    change: bundle('no certificate'),
    expected: 'failed',
    detail: 'pod-identity-webhook.amazonaws.com: expected certificates in its caBundle, found none',
  },
  {
    code: 'ca-bundle',
    when: 'it has ended',
    change: bundle(expired.certificate),
    expected: 'failed',
    detail: 'pod-identity-webhook.amazonaws.com: the certificates of its caBundle ended on 2021-01-01',
  },
  {
    code: 'certificate-trusted',
    when: 'a replica serves something else',
    change: metrics(webhookMetrics({ inSync: 0 })),
    expected: 'failed',
    detail: 'irsa-webhook-7d9f-a serves a certificate that the caBundle does not cover (by its metrics)',
  },
  {
    code: 'certificate-trusted',
    when: 'metrics are forbidden and the Secret is empty',
    change: ({ api }) => void api.forbidden.push(...podNames.map(metricsPath)),
    expected: 'failed',
    detail: 'expected a certificate in Secret irsa-system/irsa-webhook-ca, found none',
  },
  {
    code: 'certificate-trusted',
    when: 'metrics are forbidden and the Secret holds the authority',
    change: both(
      ({ api }) => void api.forbidden.push(...podNames.map(metricsPath)),
      gone('Secret', 'irsa-webhook-ca'),
      add(secret('irsa-webhook-ca', { 'ca.crt': stranger.certificate })),
      bundle(stranger.certificate),
    ),
    expected: 'passed',
    detail: 'by the certificate in Secret irsa-system/irsa-webhook-ca',
  },
  {
    code: 'certificate-trusted',
    when: 'metrics are forbidden and the Secret holds another authority',
    change: both(
      ({ api }) => void api.forbidden.push(...podNames.map(metricsPath)),
      gone('Secret', 'irsa-webhook-ca'),
      add(secret('irsa-webhook-ca', { 'ca.crt': stranger.certificate })),
    ),
    expected: 'failed',
    detail:
      'the caBundle of pod-identity-webhook.amazonaws.com does not cover the certificate in Secret irsa-system/irsa-webhook-ca',
  },
  {
    code: 'certificate-trusted',
    when: 'neither metrics nor Secrets may be read',
    change: ({ api }) =>
      void api.forbidden.push(...podNames.map(metricsPath), '/api/v1/namespaces/irsa-system/secrets'),
    expected: 'skipped',
    detail: /^needs get on the path .*metrics; needs get on the path .*irsa-webhook-ca$/,
  },
  {
    code: 'certificate-valid',
    when: 'it ends within hours',
    change: metrics(webhookMetrics({ endsInSeconds: 3600 })),
    expected: 'warning',
    detail: 'it ends within a day (by the metrics of 2 replicas)',
  },
  {
    code: 'certificate-valid',
    when: 'it has ended',
    change: metrics(webhookMetrics({ endsInSeconds: -3600 })),
    expected: 'failed',
    detail: /^it ended on \d{4}-\d{2}-\d{2} \(by the metrics of 2 replicas\)$/,
  },
  {
    code: 'certificate-valid',
    when: 'nobody answers for the metrics',
    change: cluster => podNames.forEach(pod => answer(metricsPath(pod), refusal('no route to host'), 503)(cluster)),
    expected: 'skipped',
    detail: 'irsa-webhook-7d9f-a: no route to host; irsa-webhook-7d9f-b: no route to host',
  },
  {
    code: 'endpoints-ready',
    when: 'none is ready',
    change: cluster =>
      cluster.change('EndpointSlice', 'irsa-webhook-abc', object => ({
        ...object,
        endpoints: [{ conditions: { ready: false } }],
      })),
    expected: 'failed',
    detail: 'expected a ready endpoint of Service irsa-system/irsa-webhook, found none of 1',
  },
  {
    code: 'webhook-answers',
    when: 'a firewall is between',
    change: answer(health, refusal('error trying to reach service: dial tcp 10.0.0.1:9443: i/o timeout'), 503),
    expected: 'failed',
    detail: "the API server's way to it fails: error trying to reach service: dial tcp 10.0.0.1:9443: i/o timeout",
  },
  {
    code: 'webhook-answers',
    when: 'it is an older one without this path',
    change: answer(health, '404 page not found\n', 404),
    expected: 'passed',
    detail: 'it answers, with status 404',
  },
  {
    code: 'deployment-available',
    when: 'none is',
    change: status({}),
    expected: 'failed',
    detail: 'Deployment irsa-system/irsa-webhook: none of 2 replicas is available',
  },
  {
    code: 'deployment-available',
    when: 'one is missing',
    change: status({ availableReplicas: 1, updatedReplicas: 2 }),
    expected: 'warning',
    detail: 'Deployment irsa-system/irsa-webhook: 1 of 2 replicas are available',
  },
  {
    code: 'deployment-available',
    when: 'a rollout is under way',
    change: status({ availableReplicas: 2, updatedReplicas: 1 }),
    expected: 'warning',
    detail: 'Deployment irsa-system/irsa-webhook: a rollout is not finished',
  },
  {
    code: 'replicas',
    when: 'there is one',
    change: deployment(spec => ({ ...spec, replicas: 1 })),
    expected: 'warning',
    detail: 'expected 2 replicas or more, found 1',
  },
  {
    code: 'disruption-budget',
    when: 'there is none',
    change: gone('PodDisruptionBudget', name),
    expected: 'warning',
    detail: 'expected a PodDisruptionBudget for the pods of the webhook, found none',
  },
  {
    code: 'versions',
    when: 'replicas are of others',
    change: both(
      metrics(webhookMetrics({ running: '0.3.0' })),
      answer(metricsPath(podNames[0] ?? ''), webhookMetrics({ running: '0.2.0' })),
    ),
    expected: 'warning',
    detail: 'expected 0.1.0, the version of this command, found 0.2.0 and 0.3.0',
  },
  {
    code: 'versions',
    when: 'only the image tells',
    change: ({ api }) => void api.forbidden.push(...podNames.map(metricsPath)),
    expected: 'passed',
    detail: '0.1.0',
  },
  {
    code: 'webhook-rights',
    when: 'it has none of them',
    change: create(/\/subjectaccessreviews$/, 201, { status: { allowed: false } }),
    expected: 'failed',
    detail:
      /^ServiceAccount irsa-system\/irsa-webhook may not get serviceaccounts, list serviceaccounts, watch serviceaccounts, create secrets in irsa-system, .*patch mutatingwebhookconfigurations\.admissionregistration\.k8s\.io irsa-webhook$/,
  },
];
