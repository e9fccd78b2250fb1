import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Connection } from '../../src/kubernetes/connection.ts';
import { openConnection } from '../../src/kubernetes/open-connection.ts';
import { ownObject, ownString, type JsonObject } from '../../src/util/json.ts';
import {
  startAuthority,
  type AuthorityOverrides,
  type RunningAuthority,
} from '../certificates/self-managed/running-authority.ts';
import {
  bundlesOf,
  configurationsPath,
  encode,
  webhookConfiguration,
} from '../certificates/self-managed/webhook-objects.ts';
import { connect, succeeded, type KubernetesClient } from '../support/cluster/client.ts';
import type { ClusterAccess } from '../support/cluster/cluster-files.ts';
import { createNamespace, createPod, requestToken } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { createWebhookAccount } from '../support/cluster/webhook-account.ts';
import { registerWebhook } from '../support/cluster/webhook-registration.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';
import { waitFor } from '../support/wait-for.ts';

const namespace = 'certificate-authority';
const secretsPath = `/api/v1/namespaces/${namespace}/secrets`;
const races = 100;
const racesAtOnce = 5;
const replicas = 3;

function isHealthy({ source }: RunningAuthority): boolean {
  return source.health().kind === 'healthy';
}

function healthy(authority: RunningAuthority): Promise<true> {
  return waitFor(() => isHealthy(authority), { what: 'the authority to be healthy' });
}

function leafOf({ source }: RunningAuthority): X509Certificate {
  return new X509Certificate(source.current()?.certificate ?? '');
}

function textOf(secret: JsonObject, key: string): string {
  return Buffer.from(ownString(ownObject(secret, 'data') ?? {}, key) ?? '', 'base64').toString();
}

describeOnCluster('the certificate authority on a real API server', (cluster, admin) => {
  const asAdmin = (): Promise<Connection> => connectBy({ kubeconfigPaths: [cluster.kubeconfig] });
  const asAccount = (folder: string): Promise<Connection> =>
    connectBy({ kubeApi: cluster.url, tokenPath: join(folder, 'token'), caPath: join(folder, 'ca.crt') });

  /** A configuration and a Secret of one name, and replicas that share them. */
  const start = async (name: string, overrides: Partial<AuthorityOverrides> = {}): Promise<RunningAuthority> =>
    startAuthority(await asAdmin(), { namespace, secretName: name, webhookConfigurationName: name, ...overrides });
  const register = async (name: string): Promise<void> => {
    succeeded(await admin.create(configurationsPath, webhookConfiguration(name, [{}, {}], namespace)));
  };
  const secretOf = async (name: string): Promise<JsonObject> =>
    succeeded(await admin.get(`${secretsPath}/${name}`)).body;
  const configurationOf = async (name: string): Promise<JsonObject> =>
    succeeded(await admin.get(`${configurationsPath}/${name}`)).body;

  beforeAll(() => createNamespace(admin, namespace));

  test('begins, and publishes itself in every entry of ours', async () => {
    await register('certificate-authority-begins');
    await using authority = await start('certificate-authority-begins');
    await healthy(authority);
    const bundles = bundlesOf(await configurationOf('certificate-authority-begins'));
    const ca = textOf(await secretOf('certificate-authority-begins'), 'ca.crt');
    expect(bundles).toEqual([ca, ca]);
    expect(leafOf(authority).verify(new X509Certificate(ca).publicKey)).toBe(true);
  });

  test('signs what the API server accepts', async () => {
    await register('certificate-authority-trusted');
    await using authority = await start('certificate-authority-trusted', { names: ['localhost'] });
    await healthy(authority);
    const { certificate: cert, key } = authority.source.current() ?? {};
    const server = createServer({ ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) });
    let calls = 0;
    server.on('request', (_request, response) => {
      calls += 1;
      response.writeHead(500).end();
    });
    const { port, close } = await listenOnLoopback(server);
    try {
      const [caBundle = ''] = bundlesOf(await configurationOf('certificate-authority-trusted'));
      const url = `https://localhost:${port}/mutate`;
      await using _ = await registerWebhook(admin, {
        name: 'certificate-authority-trusted-url',
        url,
        caBundle,
        namespaces: [namespace],
      });
      await createPod(admin, namespace, { name: 'trusting', dryRun: true });
      expect(calls).toBeGreaterThan(0);
    } finally {
      await close();
    }
  });

  test(`has one authority after each of ${races} races of ${replicas} replicas (fault 10)`, async () => {
    for (let race = 0; race < races; race += racesAtOnce) {
      await Promise.all(
        Array.from({ length: racesAtOnce }, (_, index) => holdRace(`certificate-authority-race-${race + index}`)),
      );
    }
  });

  async function holdRace(name: string): Promise<void> {
    await register(name);
    const racing = await Promise.all(Array.from({ length: replicas }, () => start(name)));
    try {
      for (const authority of racing) await healthy(authority);
      const secret = await secretOf(name);
      const ca = new X509Certificate(textOf(secret, 'ca.crt'));
      expect(racing.map(authority => leafOf(authority).verify(ca.publicKey))).toEqual(racing.map(() => true));
      expect(racing.flatMap(({ recorder }) => recorder.steps())).toEqual(['begin: secret_missing']);
      expect(Object.keys(ownObject(secret, 'data') ?? {}).sort()).toEqual(['ca.crt', 'ca.key']);
      expect(bundlesOf(await configurationOf(name))).toEqual([ca.toString(), ca.toString()]);
    } finally {
      await Promise.all(racing.map(authority => authority.stop()));
      await admin.delete(`${configurationsPath}/${name}`);
    }
  }

  test('writes the same authority again when the Secret is deleted (fault 9)', async () => {
    const name = 'certificate-authority-deleted';
    await register(name);
    await using one = await start(name, { pollMs: 300 });
    await using other = await start(name, { pollMs: 300 });
    await Promise.all([one, other].map(healthy));
    const before = await secretOf(name);
    const { metadata } = await configurationOf(name);
    const leaves = [one, other].map(({ source }) => source.current()?.fingerprint);
    succeeded(await admin.delete(`${secretsPath}/${name}`));
    await waitFor(async () => (await admin.get(`${secretsPath}/${name}`)).status === 200, {
      what: 'the Secret',
      timeoutMs: 30_000,
    });
    expect(await secretOf(name)).toMatchObject({ data: before['data'] });
    // Nobody who trusts the bundle has noticed.
    expect(await configurationOf(name)).toMatchObject({
      metadata: { resourceVersion: (metadata as JsonObject)['resourceVersion'] },
    });
    expect([one, other].map(({ source }) => source.current()?.fingerprint)).toEqual(leaves);
  });

  test('keeps the old authority trusted when the Secret was lost while nobody ran', async () => {
    const name = 'certificate-authority-lost';
    await register(name);
    const first = await start(name);
    await healthy(first);
    await first.stop();
    const [before = ''] = bundlesOf(await configurationOf(name));
    succeeded(await admin.delete(`${secretsPath}/${name}`));
    await using second = await start(name);
    await healthy(second);
    const ca = textOf(await secretOf(name), 'ca.crt');
    expect(ca).not.toBe(before);
    expect(bundlesOf(await configurationOf(name))).toEqual([ca + before, ca + before]);
  });

  test.each([
    { what: 'empty', data: undefined, reason: 'secret_empty' },
    { what: 'garbage', data: { 'ca.crt': encode('garbage'), 'ca.key': encode('garbage') }, reason: 'secret_damaged' },
  ])('fills a Secret that is $what, and keeps its labels', async ({ what, data, reason }) => {
    const name = `certificate-authority-${what}`;
    await register(name);
    const metadata = { name, labels: { 'app.kubernetes.io/managed-by': 'Helm' } };
    succeeded(await admin.create(secretsPath, { metadata, data }));
    await using authority = await start(name);
    await healthy(authority);
    expect(authority.recorder.steps()).toEqual([`begin: ${reason}`]);
    expect(await secretOf(name)).toMatchObject({ metadata: { labels: metadata.labels } });
  });

  test('repairs a Secret that somebody has spoilt, with the same authority', async () => {
    const name = 'certificate-authority-spoilt';
    await register(name);
    await using authority = await start(name, { pollMs: 3_600_000 });
    await healthy(authority);
    const before = await secretOf(name);
    const spoilt = { data: { 'ca.key': encode('garbage') } };
    succeeded(await admin.patch(`${secretsPath}/${name}`, 'merge-patch', spoilt));
    await waitFor(() => authority.recorder.steps().includes('restore: secret_damaged'), { what: 'the repair' });
    expect(await secretOf(name)).toMatchObject({ data: before['data'] });
  });

  test.each([
    { what: 'emptied', caBundle: undefined },
    { what: 'replaced by another authority', caBundle: encode(createCertificateAuthority().certificate) },
  ])('publishes itself again when the bundle is $what, as soon as the watch tells', async ({ what, caBundle }) => {
    const name = `certificate-authority-bundle-${what.split(' ')[0]}`;
    await register(name);
    await using authority = await start(name, { pollMs: 3_600_000 });
    await healthy(authority);
    const bundles = bundlesOf(await configurationOf(name));
    const path = '/webhooks/1/clientConfig/caBundle';
    const reset = caBundle === undefined ? { op: 'remove', path } : { op: 'replace', path, value: caBundle };
    succeeded(await admin.patch(`${configurationsPath}/${name}`, 'json-patch', [reset]));
    await waitFor(async () => bundlesOf(await configurationOf(name))[1] === bundles[1], { what: 'the bundle' });
    expect(bundlesOf(await configurationOf(name))).toEqual(bundles);
  });

  test('serves without a webhook configuration, and is healthy once there is one with an entry of ours', async () => {
    const name = 'certificate-authority-early';
    await using authority = await start(name, { pollMs: 3_600_000 });
    await waitFor(() => authority.source.current() !== undefined, { what: 'the certificate' });
    const missing = `expected a MutatingWebhookConfiguration ${name}, found none`;
    expect(authority.source.health()).toEqual({ kind: 'unhealthy', detail: missing });
    const others = webhookConfiguration(name, [{ service: { namespace, name: 'other' } }]);
    succeeded(await admin.create(configurationsPath, others));
    const noEntry = `expected an entry for the Service ${namespace}/irsa-webhook in the MutatingWebhookConfiguration ${name}, found none`;
    await waitFor(() => (authority.source.health() as { detail?: string }).detail === noEntry, { what: noEntry });
    succeeded(await admin.delete(`${configurationsPath}/${name}`));
    await register(name);
    await healthy(authority);
    expect(authority.recorder.leaves()).toEqual(['missing']);
  });

  test('needs no more permissions than the documented ones', async () => {
    const name = 'certificate-authority-permitted';
    await register(name);
    await using account = await createWebhookAccount(admin, cluster, { namespace, name, permissions: [] });
    await grant(admin, cluster, name);
    const connection = await asAccount(account.folder);
    await using authority = await startAuthority(connection, {
      namespace,
      secretName: name,
      webhookConfigurationName: name,
      pollMs: 100,
    });
    await healthy(authority);
    await waitFor(() => authority.recorder.lines.filter(({ message }) => message === 'Resource listed.').length === 2, {
      what: 'both watches',
    });
    expect(authority.recorder.lines.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  test('says which permission it lacks, and goes on when it has it', async () => {
    const name = 'certificate-authority-forbidden';
    await register(name);
    await using account = await createWebhookAccount(admin, cluster, { namespace, name, permissions: [] });
    await using authority = await startAuthority(await asAccount(account.folder), {
      namespace,
      secretName: name,
      webhookConfigurationName: name,
      pollMs: 100,
    });
    const hint = `the Role in namespace ${namespace} needs get, list, watch and update on the Secret ${name}, and create on secrets`;
    await waitFor(() => (authority.source.health() as { detail?: string }).detail?.endsWith(`; ${hint}`), {
      what: hint,
    });
    await grant(admin, cluster, name);
    await healthy(authority);
  });
});

function connectBy(settings: Partial<Parameters<typeof openConnection>[0]>): Promise<Connection> {
  return openConnection({
    kubeconfigPaths: [],
    kubeApi: '',
    serviceHost: undefined,
    servicePort: undefined,
    tokenPath: '',
    caPath: '',
    now: () => performance.now(),
    ...settings,
  });
}

/** Gives the account of this name the permissions of the self-managed mode, and waits until the API server applies them. */
async function grant(admin: KubernetesClient, cluster: ClusterAccess, name: string): Promise<void> {
  const apiGroup = 'rbac.authorization.k8s.io';
  const base = `/apis/${apiGroup}/v1`;
  const namespaced = `${base}/namespaces/${namespace}`;
  const metadata = { name };
  const subjects = [{ kind: 'ServiceAccount', namespace, name }];
  const clusterRules = [
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['mutatingwebhookconfigurations'],
      resourceNames: [name],
      verbs: ['get', 'list', 'watch', 'patch'],
    },
  ];
  const rules = [
    { apiGroups: [''], resources: ['secrets'], resourceNames: [name], verbs: ['get', 'list', 'watch', 'update'] },
    { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
  ];
  succeeded(await admin.create(`${base}/clusterroles`, { metadata, rules: clusterRules }));
  succeeded(await admin.create(`${namespaced}/roles`, { metadata, rules }));
  const clusterRole = { apiGroup, kind: 'ClusterRole', name };
  succeeded(await admin.create(`${base}/clusterrolebindings`, { metadata, roleRef: clusterRole, subjects }));
  const role = { apiGroup, kind: 'Role', name };
  succeeded(await admin.create(`${namespaced}/rolebindings`, { metadata, roleRef: role, subjects }));
  using self = connect({ ...cluster, token: await requestToken(admin, namespace, name) });
  for (const path of [`${secretsPath}?fieldSelector=metadata.name%3D${name}`, `${configurationsPath}/${name}`]) {
    await waitFor(async () => (await self.get(path)).status === 200, { what: `${name} to be let in` });
  }
}
