import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseObjects, type KubernetesObject } from '../chart/helm.ts';

/** What a user applies without Helm. */
export async function ourManifests(): Promise<readonly KubernetesObject[]> {
  const path = join(import.meta.dirname, '..', '..', 'deploy', 'install.yaml');
  return parseObjects(await readFile(path, 'utf8'));
}

export interface AwsManifestsOptions {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly object[];
  readonly image?: string;
}

/** In the form that the AWS webhook's own manifests have. */
export function awsManifests({
  command = ['/webhook', '--in-cluster=false', '--namespace=eks', '--token-audience=example.com', '--logtostderr'],
  image = 'amazon/amazon-eks-pod-identity-webhook:v0.6.17',
  ...container
}: AwsManifestsOptions = {}): readonly KubernetesObject[] {
  const [name, namespace] = ['pod-identity-webhook', 'eks'];
  const labels = { app: name };
  const webhook = { name, image, command, ...container };
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name },
      webhooks: [
        {
          name: `${name}.amazonaws.com`,
          clientConfig: { service: { name, namespace, path: '/mutate' } },
          failurePolicy: 'Ignore',
          sideEffects: 'None',
          admissionReviewVersions: ['v1beta1'],
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        },
      ],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: labels, ports: [{ port: 443, targetPort: 443 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: { template: { metadata: { labels }, spec: { containers: [{ name: 'proxy' }, ...withPort(webhook)] } } },
    },
  ];
}

function withPort(container: object): readonly object[] {
  return [{ ...container, ports: [{ containerPort: 443 }] }];
}

/** As EKS has it on its control plane. */
export const managedRegistration: KubernetesObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'pod-identity-webhook' },
  webhooks: [{ name: 'iam-for-pods.amazonaws.com', clientConfig: { url: 'https://127.0.0.1:23443/mutate' } }],
};

/** Somebody else's hook on pods. */
export const otherRegistration: KubernetesObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'istio-sidecar-injector' },
  webhooks: [
    {
      name: 'rev.namespace.sidecar-injector.istio.io',
      clientConfig: { service: { name: 'istiod', namespace: 'istio-system', path: '/inject' } },
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    },
  ],
};
