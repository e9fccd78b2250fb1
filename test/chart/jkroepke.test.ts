import { beforeAll, describe, expect, test } from 'vitest';
import { find, readValuesFiles, render, type KubernetesObject } from './helm.ts';
import { podSpecOf } from './pod-spec.ts';

describe('values for the jkroepke chart of the AWS webhook', () => {
  let objects: readonly KubernetesObject[] = [];

  beforeAll(async () => {
    const file = (await readValuesFiles()).find(({ name }) => name === 'jkroepke');
    objects = await render({ values: file?.values ?? {} });
  });

  test('mean the same to the webhook', () => {
    const { args } = podSpecOf(find(objects, 'Deployment')).containers[0];
    expect(args).toEqual(
      expect.arrayContaining([
        '--annotation-prefix=eks.amazonaws.com',
        '--aws-default-region=us-east-1',
        '--in-cluster=false',
        '--namespace=irsa-system',
        '--port=8443',
        '--metrics-port=9999',
        '--sts-regional-endpoint=true',
        '--token-audience=sts.amazonaws.com',
        '--token-expiration=43200',
        '--token-mount-path=/var/run/secrets/eks.amazonaws.com/serviceaccount',
        '--tls-cert=/etc/webhook/certs/tls.crt',
        '--tls-key=/etc/webhook/certs/tls.key',
        '--watch-config-map=true',
        '--v=5',
      ]),
    );
  });

  test('mean the same to the Deployment', () => {
    const deployment = find(objects, 'Deployment');
    expect(deployment['spec']).toMatchObject({
      replicas: 3,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    });
    const probe = { httpGet: { path: '/healthz', port: 'https', scheme: 'HTTPS' } };
    expect(podSpecOf(deployment)).toMatchObject({
      hostNetwork: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
      nodeSelector: { 'kubernetes.io/arch': 'amd64' },
      securityContext: { fsGroup: 2000 },
      containers: [
        { livenessProbe: probe, readinessProbe: probe, securityContext: { runAsUser: 65534, runAsGroup: 1 } },
      ],
    });
  });

  test('mean the same to the objects around it', () => {
    expect(find(objects, 'PodDisruptionBudget')['spec']).toMatchObject({ minAvailable: 1 });
    expect(find(objects, 'PodDisruptionBudget')['spec']).not.toHaveProperty('maxUnavailable');
    expect(find(objects, 'Service').metadata).toMatchObject({ annotations: { e: 'f' }, labels: { g: 'h' } });
    expect(find(objects, 'ServiceAccount', 'irsa-webhook-pod-identity').metadata).toMatchObject({
      annotations: { owner: 'irsa-webhook' },
    });
    expect(find(objects, 'ServiceMonitor').metadata.namespace).toBe('monitoring');
    expect(find(objects, 'Certificate')['spec']).toMatchObject({
      issuerRef: { kind: 'ClusterIssuer', name: 'selfsigned' },
      duration: '2160h',
    });
    expect(find(objects, 'MutatingWebhookConfiguration').metadata['annotations']).toEqual({
      'cert-manager.io/inject-ca-from': 'irsa-system/irsa-webhook-pod-identity',
      'example.com/owner': 'platform',
    });
  });
});
