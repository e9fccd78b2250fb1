// irsa check on a real API server, where the chart is installed and the webhook runs, but without kubelet and controllers:
// what they would do is found missing, and then done here by hand.
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { render, type KubernetesObject } from '../chart/helm.ts';
import { connect, succeeded, type KubernetesClient } from '../support/cluster/client.ts';
import { startCluster, type Cluster } from '../support/cluster/cluster.ts';
import { createNamespace, createPod, createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { createWebhookAccount } from '../support/cluster/webhook-account.ts';
import { runIrsa, type IrsaResult } from '../support/run-irsa.ts';
import { waitFor } from '../support/wait-for.ts';
import { launchWebhook, type WebhookProcess } from '../support/webhook-process.ts';
import { pathFor } from './object-path.ts';

const namespace = 'irsa-system';
const [name, host] = ['irsa-webhook', 'irsa-webhook.irsa-system.svc'];
const lifeMs = 30 * 24 * 60 * 60 * 1_000;

const results = z.object({
  summary: z.record(z.string(), z.number()),
  checks: z.array(z.object({ code: z.string(), status: z.string(), detail: z.string() })),
});

interface Found {
  readonly code: number | null;
  readonly stderr: string;
  /** Codes of the checks by how they ended; those that passed are only counted. */
  readonly passed: number;
  readonly others: { readonly [code: string]: string };
}

function read({ code, stdout, stderr }: IrsaResult): Found {
  const { checks, summary } = results.parse(JSON.parse(stdout));
  const others = checks.filter(({ status }) => status !== 'passed');
  return {
    code,
    stderr,
    passed: summary['passed'] ?? 0,
    others: Object.fromEntries(others.map(check => [check.code, `${check.status}: ${check.detail}`])),
  };
}

const privateIssuer = {
  'issuer-discovery': expect.stringMatching(/^failed: issuer of the API server: AWS can never read it/),
  'signing-key': expect.stringMatching(/^failed: a new token: iss: AWS can never read it/),
  'issuer-reachable': expect.stringMatching(/^skipped: /),
};

describeOnCluster(
  'irsa check',
  () => {
    let cluster: Cluster;
    let admin: KubernetesClient;
    const resources = new AsyncDisposableStack();
    const check = async (...args: readonly string[]): Promise<Found> =>
      read(
        await runIrsa([
          'check',
          '--kubeconfig',
          cluster.kubeconfig,
          '--issuer-ca',
          cluster.caFile,
          '-o',
          'json',
          ...args,
        ]),
      );

    // A cluster of its own: every webhook of a cluster is looked at.
    beforeAll(async () => {
      cluster = await startCluster();
      resources.defer(() => cluster.stop());
      admin = resources.adopt(connect({ ...cluster, token: cluster.adminToken }), client => client[Symbol.dispose]());
      for (const created of [namespace, 'team-a']) await createNamespace(admin, created);
      await createServiceAccount(admin, 'default', 'default');
    });

    afterAll(() => resources.disposeAsync());

    test('--pre finds a cluster ready for the installation', async () => {
      const found = await check('--pre');
      // The issuer of the test is on loopback.
      expect(found).toMatchObject({ code: 1, stderr: '' });
      expect(found.others).toEqual(privateIssuer);
    });

    test('fails before the installation', async () => {
      const found = await check();
      expect(found).toMatchObject({
        code: 1,
        stderr: '',
        others: { 'registration-exists': expect.stringMatching(/^failed: expected a MutatingWebhookConfiguration/) },
      });
    });

    test('finds what kubelet and controllers have not done, and all else in order', async () => {
      const webhook = resources.use(await runWebhook(admin, cluster));
      await installChart(admin, webhook);
      await createServiceAccount(admin, 'team-a', 'app', {
        'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/app',
      });
      const isInjected = async (): Promise<boolean> =>
        JSON.stringify(await createPod(admin, 'team-a', { name: 'x', serviceAccount: 'app', dryRun: true })).includes(
          'AWS_ROLE_ARN',
        );
      await waitFor(isInjected, { what: 'the API server to use the registration' });
      const found = await check();
      expect(found).toMatchObject({ code: 1, stderr: '' });
      expect(found.others).toMatchObject({
        'endpoints-ready': `failed: expected a ready endpoint of Service ${namespace}/${name}, found none of 0`,
        'deployment-available': `failed: Deployment ${namespace}/${name}: none of 2 replicas is available`,
        'webhook-answers': expect.stringMatching(/^failed: the API server's way to it fails: /),
        ...privateIssuer,
      });
      expect(Object.keys(found.others)).toHaveLength(6);
    });

    test('finds what was done by hand for them', async () => {
      await simulateControllers(admin);
      // The proxy does not take the way of a Service that is only a name.
      expect(Object.keys((await check()).others)).toEqual(['webhook-answers', ...Object.keys(privateIssuer)]);
    });

    test('exits with 3 where the caller may see nothing, and says what that needs (E222)', async () => {
      const { code, stderr, others } = await check('--as', 'nobody');
      expect(code).toBe(3);
      expect(stderr).toMatch(
        /^error: nothing of the webhook may be seen: needs list on mutatingwebhookconfigurations\.admissionregistration\.k8s\.io.*\n$/,
      );
      expect(others).toMatchObject({
        'registration-exists': 'skipped: needs list on mutatingwebhookconfigurations.admissionregistration.k8s.io',
        'signing-key': 'skipped: needs create on serviceaccounts/token in default',
      });
    });

    test('says what a caller lacks who may read the registration only', async () => {
      await letList(admin, 'reader');
      const { others } = await check('--as', 'reader');
      expect(others).toMatchObject({
        'service-target': `skipped: needs get on services in ${namespace}`,
        'endpoints-ready': `skipped: needs list on endpointslices.discovery.k8s.io in ${namespace}`,
        replicas: 'skipped: what answers the API server cannot be seen',
        'service-accounts': 'skipped: needs list on serviceaccounts',
        'failed-calls': 'skipped: needs get on the path /metrics',
      });
      expect(Object.values(others).filter(text => text.startsWith('failed'))).toEqual([]);
    });

    test('exits with 3 when the API server does not know the caller', async () => {
      const { code, stdout, stderr } = await runIrsa(['check', '--kubeconfig', await withWrongToken(cluster)]);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toBe('error: the cluster could not be asked: Unauthorized (unauthorized)\n');
    });
  },
  { isStory: true },
);

async function withWrongToken({ kubeconfig }: Cluster): Promise<string> {
  const path = `${kubeconfig}-wrong`;
  const config = JSON.parse(await readFile(kubeconfig, 'utf8'));
  await writeFile(path, JSON.stringify({ ...config, users: [{ name: 'test', user: { token: 'wrong' } }] }));
  return path;
}

/** Lets a user list the registrations of webhooks. */
async function letList(admin: KubernetesClient, user: string): Promise<void> {
  const group = 'rbac.authorization.k8s.io';
  const rules = [
    { apiGroups: ['admissionregistration.k8s.io'], resources: ['mutatingwebhookconfigurations'], verbs: ['list'] },
  ];
  const metadata = { name: user };
  succeeded(await admin.create(`/apis/${group}/v1/clusterroles`, { metadata, rules }));
  const roleRef = { apiGroup: group, kind: 'ClusterRole', name: user };
  const subjects = [{ apiGroup: group, kind: 'User', name: user }];
  succeeded(await admin.create(`/apis/${group}/v1/clusterrolebindings`, { metadata, roleRef, subjects }));
}

/** The built program, with the rights and the certificate that a pod of the chart has. */
async function runWebhook(admin: KubernetesClient, cluster: Cluster): Promise<WebhookProcess> {
  const account = await createWebhookAccount(admin, cluster, {
    namespace,
    name: 'running',
    permissions: ['serviceaccounts'],
  });
  const webhook = await launchWebhook({ apiServer: cluster.url, credentials: account.folder });
  await webhook.ready();
  return webhook;
}

/** The chart as it is; only its Service leads to a process on this machine instead of pods. */
async function installChart(admin: KubernetesClient, webhook: WebhookProcess): Promise<void> {
  const pair = webhook.authority.issue({ hosts: [host, 'localhost'], notAfter: new Date(Date.now() + lifeMs) });
  await webhook.rotateCertificate(pair);
  const values = {
    config: { ports: { webhook: webhook.port, metrics: webhook.metricsPort } },
    service: { port: webhook.port },
    pki: { cert: pair.certificate, key: pair.key, caBundle: webhook.caBundle },
  };
  const objects = await render({ namespace, values });
  for (const object of objects.filter(({ metadata }) => !metadata.name.endsWith('-test'))) {
    const created = object.kind === 'Service' ? outside(object) : object;
    succeeded(await admin.create(pathFor(object), created));
  }
}

function outside(service: KubernetesObject): KubernetesObject {
  const spec = service['spec'] as object;
  return { ...service, spec: { ...spec, type: 'ExternalName', externalName: 'localhost' } };
}

async function simulateControllers(admin: KubernetesClient): Promise<void> {
  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/status`;
  const status = { replicas: 2, readyReplicas: 2, availableReplicas: 2, updatedReplicas: 2 };
  succeeded(await admin.patch(deployment, 'merge-patch', { status }));
  const slice = {
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }],
    ports: [{ name: 'https', port: 9443 }],
  };
  succeeded(await admin.create(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, slice));
}
