// What the real API server says of the chart: its own validation of every object, the CEL that it compiles, and which pods
// the registration is about.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { find, readValuesFiles, render, type KubernetesObject } from '../chart/helm.ts';
import { succeeded, type KubernetesAnswer, type KubernetesClient } from '../support/cluster/client.ts';
import { createNamespace, createPod, type PodOptions } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { waitFor } from '../support/wait-for.ts';
import { pathFor } from './object-path.ts';

const namespace = 'chart-test';
/** Values files put dashboards there. */
const monitoring = 'monitoring';
const files = await readValuesFiles();

/** Defined by others; the API server here does not know them. */
function isCustom({ apiVersion }: KubernetesObject): boolean {
  return /^(cert-manager\.io|monitoring\.coreos\.com|grafana\.integreatly\.org)\//.test(apiVersion);
}

/** Certificates are shortened in the values files; the API server reads them. */
function withRealCertificates(values: object): object {
  if (!JSON.stringify(values).includes('BEGIN CERTIFICATE')) return values;
  const authority = createCertificateAuthority();
  const { certificate, key } = authority.issue();
  return { ...values, pki: { cert: certificate, key, caBundle: authority.certificate } };
}

describeOnCluster(
  'the chart, to the API server',
  (_cluster, admin) => {
    beforeAll(async () => {
      for (const name of [namespace, monitoring]) await createNamespace(admin, name);
    });

    test.each(files)('has only objects that it would create, with values $name', async ({ values }) => {
      const options = { values: { ...withRealCertificates(values), namespaceOverride: namespace }, namespace };
      const objects = (await render(options)).filter(object => !isCustom(object));
      expect(objects.length).toBeGreaterThan(3);
      for (const object of objects) {
        // Pods are refused without their account; other values may have made the same one before.
        const dryRun = object.kind !== 'ServiceAccount';
        const { status, warnings, body } = await admin.create(`${pathFor(object)}?fieldValidation=Strict`, object, {
          dryRun,
        });
        if (status === 409 && !dryRun) continue;
        const { kind, message } = { kind: object.kind, message: body['message'] };
        expect({ kind, status, warnings, message }).toEqual({ kind, status: 201, warnings: [], message: undefined });
      }
    });
  },
  { sharedNames: [monitoring] },
);

type Entry = 'all' | 'require' | 'none';

/**
 * Installs the registration for the pods of one test, so that each call fails visibly: there is nobody to call, and no entry
 * ignores it. Disposal removes it.
 */
async function register(
  admin: KubernetesClient,
  release: string,
  options: { readonly namespace: string; readonly values?: object; readonly only: string },
): Promise<AsyncDisposable> {
  const values = {
    ...options.values,
    mutatingWebhook: { failurePolicy: 'Fail', timeoutSeconds: 1, require: { timeoutSeconds: 1 } },
    service: { port: 443 },
  };
  const registration = find(
    await render({ release: `chart-test-${release}`, namespace: options.namespace, values }),
    'MutatingWebhookConfiguration',
  );
  // Other tests use the cluster at the same time.
  for (const hook of registration['webhooks'] as { objectSelector: { matchLabels?: object } }[]) {
    hook.objectSelector.matchLabels = { 'chart-test': options.only };
  }
  const path = pathFor(registration);
  succeeded(await admin.create(path, registration));
  return {
    async [Symbol.asyncDispose]() {
      succeeded(await admin.delete(`${path}/${registration.metadata.name}`));
    },
  };
}

/** The entry that the API server calls for a pod. */
async function entryFor(admin: KubernetesClient, inNamespace: string, pod: PodOptions): Promise<Entry> {
  const { status, body } = await createPod(admin, inNamespace, { ...pod, dryRun: true });
  if (status === 201) return 'none';
  const [, prefix] = /failed calling webhook "(require\.)?pod-identity-webhook\.amazonaws\.com"/.exec(
    String(body['message']),
  ) ?? ['', 'unknown'];
  if (prefix === 'unknown') throw new Error(`expected a call or a pod, found ${status}: ${String(body['message'])}`);
  return prefix === undefined ? 'all' : 'require';
}

const requires = { 'eks.amazonaws.com/require-pod-identity': 'true' };
const mirror = { 'kubernetes.io/config.mirror': 'hash' };

describeOnCluster('the registration of the chart', (_cluster, admin) => {
  const [own, system, others] = ['chart-test-own', 'kube-system', 'chart-test-others'];
  const disposals: AsyncDisposable[] = [];
  const selfLabels = { 'app.kubernetes.io/name': 'irsa-webhook', 'app.kubernetes.io/instance': 'chart-test-system' };

  beforeAll(async () => {
    for (const name of [own, others]) await createNamespace(admin, name);
    // Without a controller manager there is no default account here.
    await admin.create(`/api/v1/namespaces/${system}/serviceaccounts`, { metadata: { name: 'default' } });
    disposals.push(await register(admin, 'own', { namespace: own, only: 'own' }));
    disposals.push(await register(admin, 'system', { namespace: system, only: 'system' }));
    for (const only of ['own', 'system']) {
      const isCalled = async (): Promise<boolean> =>
        (await entryFor(admin, others, { name: 'probe', labels: { 'chart-test': only } })) === 'all';
      await waitFor(isCalled, { what: `the API server to call the webhook of ${only}` });
    }
  });

  afterAll(async () => {
    for (const disposal of disposals) await disposal[Symbol.asyncDispose]();
  });

  test.each<{
    pod: string;
    release: 'own' | 'system';
    where: string;
    labels?: object;
    annotations?: object;
    entry: Entry;
  }>([
    { pod: 'any pod', release: 'own', where: others, entry: 'all' },
    { pod: 'a pod that requires an identity', release: 'own', where: others, labels: requires, entry: 'require' },
    {
      pod: 'a pod that says it requires none',
      release: 'own',
      where: others,
      labels: { 'eks.amazonaws.com/require-pod-identity': 'false' },
      entry: 'all',
    },
    {
      pod: 'a pod that opts out',
      release: 'own',
      where: others,
      labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': '' },
      entry: 'none',
    },
    {
      pod: 'a pod that opts out and requires an identity',
      release: 'own',
      where: others,
      labels: { ...requires, 'eks.amazonaws.com/skip-pod-identity-webhook': '' },
      entry: 'require',
    },
    { pod: 'a pod with annotations', release: 'own', where: others, annotations: { a: 'b' }, entry: 'all' },
    { pod: 'a pod beside the webhook', release: 'own', where: own, entry: 'none' },
    { pod: 'a pod beside the webhook that requires one', release: 'own', where: own, labels: requires, entry: 'none' },
    { pod: 'a pod beside it in kube-system', release: 'system', where: system, entry: 'all' },
    { pod: 'one of its own in kube-system', release: 'system', where: system, labels: selfLabels, entry: 'none' },
    { pod: 'one that looks like it elsewhere', release: 'system', where: others, labels: selfLabels, entry: 'all' },
    {
      pod: 'one of another release in kube-system',
      release: 'system',
      where: system,
      labels: { ...selfLabels, 'app.kubernetes.io/instance': 'other' },
      entry: 'all',
    },
  ])('has $entry called for $pod', async ({ release, where, labels, annotations, entry }) => {
    const pod = { name: 'app', labels: { 'chart-test': release, ...labels }, annotations: { ...annotations } };
    expect(await entryFor(admin, where, pod)).toBe(entry);
  });

  test('does not call it for mirror pods, which may not use tokens (E23)', async () => {
    const pod = { name: 'app', labels: { 'chart-test': 'own' }, annotations: mirror };
    // Only a node may create one: the refusal is of that, not of a call.
    const { body } = await createPod(admin, others, { ...pod, dryRun: true });
    expect(String(body['message'])).not.toContain('failed calling webhook');
  });
});

describeOnCluster('the policy of the chart', (_cluster, admin) => {
  const where = 'chart-test-policy';
  const token = { serviceAccountToken: { path: 'token', audience: 'sts.amazonaws.com', expirationSeconds: 86400 } };
  const volumes = [{ name: 'aws-iam-token', projected: { sources: [token] } }];
  const container = { name: 'app', image: 'example.com/app:1' };
  const withEnv = (name: string): object => ({ ...container, name: 'with-env', env: [{ name, value: 'something' }] });
  let created: readonly KubernetesObject[] = [];
  const tryPod = (pod: Omit<PodOptions, 'name'>): Promise<KubernetesAnswer> =>
    createPod(admin, where, { name: 'app', ...pod, dryRun: true });

  beforeAll(async () => {
    await createNamespace(admin, where);
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': where } };
    const values = { validatingAdmissionPolicy: { enabled: true }, mutatingWebhook: { namespaceSelector } };
    const objects = await render({ release: 'chart-test-policy', namespace: 'chart-test-elsewhere', values });
    created = objects.filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'));
    for (const object of created) succeeded(await admin.create(pathFor(object), object));
    const isInForce = async (): Promise<boolean> => (await tryPod({ labels: requires })).status === 422;
    await waitFor(isInForce, { what: 'the API server to apply the policy' });
  });

  afterAll(async () => {
    for (const object of created) succeeded(await admin.delete(`${pathFor(object)}/${object.metadata.name}`));
  });

  test.each<{ pod: string; options: Omit<PodOptions, 'name'>; status: number }>([
    { pod: 'a pod that requires nothing', options: {}, status: 201 },
    { pod: 'a pod that got nothing', options: { labels: requires }, status: 422 },
    {
      pod: 'a pod with a web identity',
      options: { labels: requires, spec: { containers: [container, withEnv('AWS_ROLE_ARN')], volumes } },
      status: 201,
    },
    {
      pod: 'a pod with container credentials',
      options: { labels: requires, spec: { containers: [withEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI')], volumes } },
      status: 201,
    },
    {
      pod: 'a pod with variables and no token',
      options: { labels: requires, spec: { containers: [withEnv('AWS_ROLE_ARN')] } },
      status: 422,
    },
    { pod: 'a pod with a token and no variables', options: { labels: requires, spec: { volumes } }, status: 422 },
    {
      pod: 'a pod that opts out',
      options: { labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': '' } },
      status: 201,
    },
    {
      pod: 'a pod that opts out and requires an identity',
      options: { labels: { ...requires, 'eks.amazonaws.com/skip-pod-identity-webhook': '' } },
      status: 422,
    },
  ])('answers $status to $pod', async ({ options, status }) => {
    const answer = await tryPod(options);
    expect(answer).toMatchObject({ status });
    if (status === 422) expect(String(answer.body['message'])).toContain('got no AWS identity: is the webhook running');
  });
});
