// The chart and the program together, on the real API server: the flags of the Deployment, the rights of the ServiceAccount
// and the registration are the chart's. Only the kubelet and the Service's network are missing: the program runs here, and
// the Service sends the API server to it by name.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { find, render, type KubernetesObject } from '../chart/helm.ts';
import { podSpecOf } from '../chart/pod-spec.ts';
import { runHelmTest } from '../chart/run-helm-test.ts';
import { succeeded, type KubernetesClient } from '../support/cluster/client.ts';
import type { ClusterAccess } from '../support/cluster/cluster-files.ts';
import { findFreePorts } from '../support/cluster/free-ports.ts';
import { createNamespace, createPod, createServiceAccount, requestToken } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { writeMountedVolume } from '../support/mounted-volume.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';
import { pathFor } from './object-path.ts';

const program = join(import.meta.dirname, '..', '..', 'src', 'commands', 'irsa.ts');
const [own, apps, mapped] = ['chart-program', 'chart-program-apps', 'chart-program-mapped'];
const role = 'arn:aws:iam::111122223333:role/app';
const startMs = 30_000;

interface Installation extends AsyncDisposable {
  readonly objects: readonly KubernetesObject[];
}

/** Creates the objects of the chart that work without nodes, and starts the program as a pod of it would. */
async function install(admin: KubernetesClient, cluster: ClusterAccess): Promise<Installation> {
  const [port = 0, metricsPort = 0] = await findFreePorts(2);
  const values = {
    config: {
      ports: { webhook: port, metrics: metricsPort },
      podIdentityWebhookMap: { enabled: true, data: { [`${mapped}/*`]: { RoleARN: role } } },
    },
    service: { port },
    // Other tests use the cluster at the same time.
    mutatingWebhook: {
      failurePolicy: 'Fail',
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: [own, apps, mapped] }],
      },
    },
  };
  const objects = await render({ release: 'chart-program-irsa-webhook', namespace: own, values });
  const kinds =
    /^(ServiceAccount|Secret|Role|RoleBinding|ClusterRole|ClusterRoleBinding|ConfigMap|MutatingWebhookConfiguration)$/;
  for (const object of objects.filter(({ kind }) => kinds.test(kind))) {
    succeeded(await admin.create(pathFor(object), object));
  }
  const service = find(objects, 'Service');
  const byName = { ...service, spec: { type: 'ExternalName', externalName: 'localhost' } };
  succeeded(await admin.create(pathFor(byName), byName));
  const running = await start(admin, cluster, { objects, metricsPort });
  return {
    objects,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      const registration = find(objects, 'MutatingWebhookConfiguration');
      succeeded(await admin.delete(`${pathFor(registration)}/${registration.metadata.name}`));
    },
  };
}

interface Start {
  readonly objects: readonly KubernetesObject[];
  readonly metricsPort: number;
}

async function start(
  admin: KubernetesClient,
  cluster: ClusterAccess,
  { objects, metricsPort }: Start,
): Promise<AsyncDisposable> {
  const { containers, serviceAccountName = '' } = podSpecOf(find(objects, 'Deployment'));
  const folder = await createTempFolder();
  const credentials = join(folder.path, 'serviceaccount');
  const token = await requestToken(admin, own, serviceAccountName);
  await writeMountedVolume(credentials, { token, 'ca.crt': cluster.ca, namespace: own });
  const here = [`--kube-api=${cluster.url}`, `--kube-credentials-path=${credentials}`, '--drain-period=1s'];
  const child = spawn(process.execPath, [program, 'serve', ...(containers[0].args ?? []), ...here], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = new Promise<number | null>(resolve => child.on('close', resolve));
  const stop = async (): Promise<string> => {
    child.kill('SIGTERM');
    await ended;
    await folder[Symbol.asyncDispose]();
    return (await output).join('\n');
  };
  const isReady = async (): Promise<boolean> =>
    child.exitCode !== null ||
    (await fetch(`http://127.0.0.1:${metricsPort}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ));
  try {
    await waitFor(isReady, { what: 'the webhook to be ready', timeoutMs: startMs });
    if (child.exitCode !== null) throw new Error(`expected the webhook to run, found exit code ${child.exitCode}`);
  } catch (error) {
    throw new Error(`${String(error)}:\n${await stop()}`, { cause: error });
  }
  return {
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

describeOnCluster('the chart and the program', (cluster, admin) => {
  let installation: Installation;

  beforeAll(async () => {
    for (const namespace of [own, apps, mapped]) await createNamespace(admin, namespace);
    installation = await install(admin, cluster);
    await createServiceAccount(admin, apps, 'probe', { 'eks.amazonaws.com/role-arn': role });
    const isInjected = async (): Promise<boolean> => {
      const pod = { name: 'probe', serviceAccount: 'probe', dryRun: true };
      return JSON.stringify(await createPod(admin, apps, pod)).includes('AWS_ROLE_ARN');
    };
    await waitFor(isInjected, { what: 'the API server to use the registration' });
  });

  afterAll(async () => {
    await installation[Symbol.asyncDispose]();
  });

  test('have the program publish its authority in every entry, with the rights that the chart gives', async () => {
    const registration = find(installation.objects, 'MutatingWebhookConfiguration');
    const { body } = succeeded(await admin.get(`${pathFor(registration)}/${registration.metadata.name}`));
    const hooks = body['webhooks'] as { clientConfig: { caBundle?: string } }[];
    expect(hooks).toHaveLength(2);
    for (const { clientConfig } of hooks) {
      expect(Buffer.from(clientConfig.caBundle ?? '', 'base64').toString()).toContain('-----BEGIN CERTIFICATE-----');
    }
  });

  test('pass helm test, with the rights that the chart gives it', async () => {
    await using folder = await createTempFolder();
    await folder.write('token', await requestToken(admin, own, 'chart-program-irsa-webhook-test'));
    await folder.write('ca.crt', cluster.ca);
    const apiServerPort = Number(new URL(cluster.url).port);
    const result = await runHelmTest(installation.objects, { apiServerPort, credentials: folder.path });
    expect(result).toMatchObject({ code: 0 });
    expect(result.output.match(/answers, with a certificate of a published authority/g)).toHaveLength(2);
  });

  test.each([
    { what: 'an annotated ServiceAccount', namespace: apps, labels: {} },
    {
      what: 'an annotated ServiceAccount that requires it',
      namespace: apps,
      labels: { 'eks.amazonaws.com/require-pod-identity': 'true' },
    },
    { what: 'a mapped ServiceAccount', namespace: mapped, labels: {} },
  ])('give a pod of $what its identity', async ({ namespace, labels }) => {
    const name = `app-${Object.keys(labels).length}`;
    await createServiceAccount(
      admin,
      namespace,
      name,
      namespace === apps ? { 'eks.amazonaws.com/role-arn': role } : {},
    );
    const { body } = succeeded(await createPod(admin, namespace, { name, serviceAccount: name, labels }));
    const [container] = (body['spec'] as { containers: { env?: { name: string; value: string }[] }[] }).containers;
    expect(container?.env).toEqual(
      expect.arrayContaining([
        { name: 'AWS_ROLE_ARN', value: role },
        { name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'regional' },
      ]),
    );
  });

  test('refuse a pod that requires an identity and has none, in the webhook’s words', async () => {
    const labels = { 'eks.amazonaws.com/require-pod-identity': 'true' };
    const { status, body } = await createPod(admin, apps, { name: 'none', labels });
    expect(status).toBe(403);
    expect(String(body['message'])).toContain('gets no AWS identity');
  });

  test('leave the namespace of the webhook alone', async () => {
    await createServiceAccount(admin, own, 'beside', { 'eks.amazonaws.com/role-arn': role });
    const { body } = succeeded(await createPod(admin, own, { name: 'beside', serviceAccount: 'beside' }));
    expect(JSON.stringify(body)).not.toContain('AWS_ROLE_ARN');
  });
});
