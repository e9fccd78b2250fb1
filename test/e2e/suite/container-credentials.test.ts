import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programImages } from '../machine/image-names.ts';
import { application, runToEnd } from '../support/application.ts';
import { apply, kubectl } from '../support/kubectl.ts';
import { serviceAccount, useNamespace } from '../support/namespace.ts';
import { changeRelease, releaseNamespace } from '../support/release.ts';

const namespace = useNamespace();
const name = 'irsa-e2e-associations';
const agent = 'irsa-e2e-node-agent';
const agentNamespace = 'kube-system'; // where nothing restricts a pod

beforeAll(async () => {
  const identities = [{ namespace, serviceAccount: 'associated' }];
  await apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: releaseNamespace } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: releaseNamespace },
      data: { 'config.json': JSON.stringify({ identities }) },
    },
    serviceAccount({ namespace, name: 'associated' }),
    agentPod(),
  );
  await kubectl('wait', `pod/${agent}`, '--for=condition=Ready', '--timeout=60s', '--namespace', agentNamespace);
  await changeRelease({
    'config.containerCredentials.enabled': true,
    'config.containerCredentials.configMapName': name,
  });
});
afterAll(async () => {
  await kubectl('delete', 'pod', agent, '--namespace', agentNamespace);
  await changeRelease();
  await kubectl('delete', 'configmap', name, '--namespace', releaseNamespace);
});

describe('a ServiceAccount with an EKS Pod Identity association', () => {
  test.each([
    {
      client: 'the AWS SDK for JavaScript',
      image: programImages.javascript,
      command: ['/nodejs/bin/node', '/programs/access-key.js'],
    },
    {
      client: 'boto3',
      image: programImages.python,
      command: ['python3', '-c', 'import boto3; print(boto3.Session().get_credentials().access_key)'],
    },
  ])('gets credentials of the node agent by $client', async ({ client, image, command }) => {
    const pod = client.toLowerCase().replaceAll(' ', '-');
    const output = await runToEnd({ namespace, name: pod, serviceAccount: 'associated', image, command });
    expect(output.trim()).toBe(`system:serviceaccount:${namespace}:associated`);
  });
});

function agentPod(): object {
  const container = {
    securityContext: { privileged: true, runAsUser: 0 },
    readinessProbe: { tcpSocket: { host: '169.254.170.23', port: 80 }, periodSeconds: 1 },
  };
  const command = ['python3', '/programs/node-agent.py'];
  const options = { namespace: agentNamespace, name: agent, serviceAccount: 'default', image: programImages.python };
  return application({ ...options, command, container, spec: { hostNetwork: true } });
}
