import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { programImages } from '../machine/image-names.ts';
import { apply, kubectl } from './kubectl.ts';

const port = 8080;
const name = 'sts';
const discovery = z.object({ issuer: z.url() });

export interface StsStandIn {
  /** For AWS_ENDPOINT_URL_STS. */
  readonly url: string;
}

/**
 * Runs the strict stand-in for AWS STS in the namespace: each role may be assumed by one ServiceAccount there. It verifies
 * tokens by the keys that the cluster publishes, which AWS reads without credentials.
 *
 * Applications reach it by its pod's address: a Service refuses connections until kube-proxy has seen the pod, which is
 * some time after the pod is ready.
 */
export async function deploySts(namespace: string, roles: { readonly [arn: string]: string }): Promise<StsStandIn> {
  const { issuer } = discovery.parse(JSON.parse(await kubectl('get', '--raw', '/.well-known/openid-configuration')));
  const subjects = Object.entries(roles).map(([arn, account]) => [arn, `${namespace}/${account}`]);
  const env = { ISSUER: issuer, ROLES: JSON.stringify(Object.fromEntries(subjects)), PORT: String(port) };
  await apply(publicDiscovery, pod(namespace, env));
  await kubectl('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=90s', '--namespace', namespace);
  const address = await kubectl('get', `pod/${name}`, '--namespace', namespace, '--output=jsonpath={.status.podIP}');
  return { url: `http://${isIPv6(address) ? `[${address}]` : address}:${port}` };
}

const publicDiscovery = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'irsa-e2e-public-discovery' },
  roleRef: {
    apiGroup: 'rbac.authorization.k8s.io',
    kind: 'ClusterRole',
    name: 'system:service-account-issuer-discovery',
  },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:unauthenticated' }],
};

function pod(namespace: string, env: { readonly [name: string]: string }): object {
  const container = {
    name: 'sts',
    image: programImages.javascript,
    imagePullPolicy: 'Never',
    command: ['/nodejs/bin/node', '/programs/sts.js'],
    env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
  };
  const metadata = { name, namespace, labels: { app: name } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  };
}
