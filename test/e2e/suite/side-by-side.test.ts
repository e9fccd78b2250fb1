import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCertificateAuthority } from '../../support/certificates.ts';
import { waitFor } from '../../support/wait-for.ts';
import { run } from '../machine/command.ts';
import { programImages } from '../machine/image-names.ts';
import { application, runToEnd } from '../support/application.ts';
import { apply, kubectl } from '../support/kubectl.ts';
import { roleArn, serviceAccount, useNamespace } from '../support/namespace.ts';
import { ensureInstalled } from '../support/release.ts';
import { deploySts } from '../support/sts.ts';

const namespace = useNamespace();
const role = roleArn('reader');
const name = 'aws-webhook';
const port = 8443;
const authority = createCertificateAuthority();
let configuration: string | undefined;

beforeAll(async () => {
  await ensureInstalled();
  await apply(serviceAccount({ namespace, name: 'reader', role }));
  await apply(webhookPod(), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ port }] },
  });
  await kubectl('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=60s', '--namespace', namespace);
});
afterEach(async () => {
  if (configuration !== undefined) await kubectl('delete', 'mutatingwebhookconfiguration', configuration);
  configuration = undefined;
});

describe('beside a second webhook with the same annotations', () => {
  // The API server calls them in the order of their configurations' names.
  test.each([
    { order: 'before', prefix: 'a' },
    { order: 'after', prefix: 'z' },
  ])('nothing is injected twice when that one is called $order ours', async ({ order, prefix }) => {
    configuration = `${prefix}-irsa-e2e-second`;
    await apply(registration(configuration));
    await waitFor(isCalled, { what: 'the API server to reach the second webhook', timeoutMs: 60_000, intervalMs: 500 });
    const sts = await deploySts(namespace, { [role]: 'reader' });
    const output = await runToEnd({ namespace, name: `called-${order}`, serviceAccount: 'reader', sts });
    expect(output).toContain('assumed-role/reader/');

    const json = await kubectl('get', 'pod', `called-${order}`, '--namespace', namespace, '--output', 'json');
    const { spec } = JSON.parse(json);
    const [{ env, volumeMounts }] = spec.containers;
    const count = (list: readonly Record<string, string>[], key: string, value: string): number =>
      list.filter(item => item[key] === value).length;
    expect(count(env, 'name', 'AWS_ROLE_ARN')).toBe(1);
    expect(count(env, 'name', 'AWS_WEB_IDENTITY_TOKEN_FILE')).toBe(1);
    expect(count(volumeMounts, 'mountPath', '/var/run/secrets/eks.amazonaws.com/serviceaccount')).toBe(1);
    expect(count(spec.volumes, 'name', 'aws-iam-token')).toBe(1);
  });
});

/** It fails pods while it cannot be reached, which is until kube-proxy has seen its pod. */
async function isCalled(): Promise<boolean> {
  const pod = application({ namespace, name: 'probe', serviceAccount: 'default' });
  const create = ['create', '--dry-run=server', '--filename', '-'];
  return (await run('kubectl', create, { input: JSON.stringify(pod) })).code === 0;
}

function webhookPod(): object {
  const { certificate, key } = authority.issue({ hosts: [`${name}.${namespace}.svc`] });
  const env = { ROLE: role, TLS_CERT: certificate, TLS_KEY: key, PORT: String(port) };
  const container = {
    env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
  };
  const command = ['/nodejs/bin/node', '/programs/aws-webhook.js'];
  const options = { namespace, name, serviceAccount: 'default', image: programImages.javascript, command, container };
  return application({ ...options, labels: { app: name } });
}

function registration(configurationName: string): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: configurationName },
    webhooks: [
      {
        name: 'second.irsa-e2e.test',
        clientConfig: {
          service: { namespace, name, port, path: '/mutate' },
          caBundle: Buffer.from(authority.certificate).toString('base64'),
        },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        objectSelector: { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] },
        failurePolicy: 'Fail',
        reinvocationPolicy: 'IfNeeded',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      },
    ],
  };
}
