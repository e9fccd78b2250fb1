import { describe, expect, test } from 'vitest';
import { refusal, type RenderOptions } from './helm.ts';

const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe('the chart refuses', () => {
  test.each<{ what: string; options: RenderOptions; says: string }>([
    {
      what: 'two sources of the certificate',
      options: { values: { pki: { existingSecret: 'a', certManager: { enabled: true } } } },
      says: 'found pki.certManager.enabled and pki.existingSecret: unset all but one',
    },
    {
      what: 'a Secret and a certificate',
      options: { values: { pki: { existingSecret: 'a', cert: pem, key: pem, caBundle: pem } } },
      says: 'found pki.existingSecret and pki.cert',
    },
    {
      what: 'a Secret without a bundle',
      options: { values: { pki: { existingSecret: 'a' } } },
      says: 'pki.existingSecret needs pki.caBundle',
    },
    {
      what: 'a certificate without a bundle, which the jkroepke chart installed',
      options: { values: { pki: { cert: pem, key: pem } } },
      says: 'pki.cert needs pki.caBundle',
    },
    {
      what: 'a certificate without its key',
      options: { values: { pki: { cert: pem, caBundle: pem } } },
      says: 'pki.cert and pki.key are needed together',
    },
    {
      what: 'a bundle that nothing uses',
      options: { values: { pki: { caBundle: pem } } },
      says: 'pki.caBundle goes with pki.existingSecret or pki.cert only',
    },
    {
      what: 'a bundle that is encoded already',
      options: { values: { pki: { existingSecret: 'a', caBundle: 'LS0tLS1CRUdJTg==' } } },
      says: 'pki.caBundle: expected PEM',
    },
    {
      what: 'an issuer without cert-manager, the default of the jkroepke chart',
      options: { values: { pki: { certManager: { existingIssuer: { enabled: true } } } } },
      says: 'needs pki.certManager.enabled: true',
    },
    {
      what: 'a budget of two kinds',
      options: { values: { podDisruptionBudget: { minAvailable: 1, maxUnavailable: 1 } } },
      says: 'podDisruptionBudget: set minAvailable or maxUnavailable, not both',
    },
    {
      what: 'Fail for all pods, its own namespace included',
      options: { values: { mutatingWebhook: { failurePolicy: 'Fail', excludeReleaseNamespace: false } } },
      says: 'mutatingWebhook.failurePolicy: Fail needs mutatingWebhook.excludeReleaseNamespace: true',
    },
    {
      what: 'more replicas at least than at most',
      options: { values: { autoscaling: { enabled: true, minReplicas: 6 } } },
      says: 'autoscaling.minReplicas is larger than autoscaling.maxReplicas',
    },
    {
      what: 'autoscaling by nothing',
      options: { values: { autoscaling: { enabled: true, targetCPUUtilizationPercentage: '' } } },
      says: 'autoscaling.enabled needs autoscaling.targetCPUUtilizationPercentage',
    },
    {
      what: 'container credentials without a ConfigMap',
      options: { values: { config: { containerCredentials: { enabled: true } } } },
      says: 'config.containerCredentials.enabled needs config.containerCredentials.configMapName',
    },
    {
      what: 'one port for both listeners',
      options: { values: { config: { ports: { webhook: 9999 } } } },
      says: 'config.ports.webhook and config.ports.metrics are the same port',
    },
    {
      what: 'the network of the node with users of its own',
      options: { values: { hostNetwork: true, hostUsers: false } },
      says: 'hostUsers: false cannot go with hostNetwork: true',
    },
    {
      what: 'a policy that the cluster does not know',
      options: { values: { validatingAdmissionPolicy: { enabled: true } }, kubeVersion: '1.29.9' },
      says: 'validatingAdmissionPolicy.enabled needs Kubernetes 1.30 or newer, found v1.29.9',
    },
    {
      what: 'a cluster that is too old',
      options: { kubeVersion: '1.27.16' },
      says: 'chart requires kubeVersion: >=1.28.0-0',
    },
    {
      what: 'two ways of scraping',
      options: { values: { metrics: { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } } } },
      says: 'metrics: enable serviceMonitor or podMonitor, not both',
    },
    {
      what: 'scraping a port that the Service does not have',
      options: { values: { metrics: { enabled: false, serviceMonitor: { enabled: true } } } },
      says: 'metrics.serviceMonitor.enabled needs metrics.enabled: true',
    },
    {
      what: 'the image of the AWS webhook',
      options: { values: { image: { repository: 'amazon/amazon-eks-pod-identity-webhook' } } },
      says: 'remove image.registry, image.repository and image.tag',
    },
    {
      what: 'a version of the AWS webhook',
      options: { values: { image: { tag: 'v0.6.17' } } },
      says: 'image.tag is v0.6.17, a version of the AWS webhook: remove it',
    },
    {
      what: 'a key of older versions of the jkroepke chart',
      options: { values: { serviceAnnotations: { a: 'b' } } },
      says: 'serviceAnnotations: this is service.annotations',
    },
  ])('$what', async ({ options, says }) => {
    expect(await refusal(options)).toContain(says);
  });
});
