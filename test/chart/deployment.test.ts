import { describe, expect, test } from 'vitest';
import { parseServeArguments } from '../../src/configuration/parse-serve-arguments.ts';
import { find, readValuesFiles, render, type RenderOptions } from './helm.ts';
import { podSpecOf } from './pod-spec.ts';

async function renderPod(options: RenderOptions = {}): Promise<ReturnType<typeof podSpecOf>> {
  return podSpecOf(find(await render(options), 'Deployment'));
}

async function renderSpec(values: object): Promise<Record<string, unknown>> {
  return find(await render({ values }), 'Deployment')['spec'] as Record<string, unknown>;
}

async function valuesOf(file: string): Promise<object> {
  const found = (await readValuesFiles()).find(({ name }) => name === file);
  if (found === undefined) throw new Error(`expected test/chart/values/${file}.yaml`);
  return found.values;
}

describe('the Deployment', () => {
  test('meets the Pod Security level restricted by default', async () => {
    const pod = await renderPod();
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod).not.toHaveProperty('hostNetwork');
    expect(pod).not.toHaveProperty('volumes');
  });

  test('gets no variables from Services: one named irsa would set IRSA_PORT', async () => {
    expect(await renderPod()).toMatchObject({ enableServiceLinks: false });
  });

  test('leaves the webhook more time to end than its drain and its shutdown take', async () => {
    const { terminationGracePeriodSeconds = 0, containers } = await renderPod();
    const parsed = parseServeArguments(containers[0].args ?? [], {});
    if (parsed.kind !== 'settings') throw new Error(`expected settings, found ${parsed.kind}`);
    const { drainMs, shutdownTimeoutMs } = parsed.settings.serving;
    expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(drainMs + shutdownTimeoutMs);
  });

  test('spreads its own pods, also where a constraint says nothing of them', async () => {
    const labelSelector = {
      matchLabels: { 'app.kubernetes.io/name': 'irsa-webhook', 'app.kubernetes.io/instance': 'irsa-webhook' },
    };
    const { topologySpreadConstraints = [] } = await renderPod();
    expect(topologySpreadConstraints.map(({ topologyKey }) => topologyKey)).toEqual([
      'topology.kubernetes.io/zone',
      'kubernetes.io/hostname',
    ]);
    for (const constraint of topologySpreadConstraints) expect(constraint).toMatchObject({ labelSelector });
    const own = {
      maxSkew: 2,
      topologyKey: 'rack',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { a: 'b' } },
    };
    expect((await renderPod({ values: { topologySpreadConstraints: [own] } })).topologySpreadConstraints).toEqual([
      own,
    ]);
  });

  test.each([
    { what: 'replicas by default', values: {}, expected: { replicas: 2 } },
    {
      what: 'no replicas with autoscaling',
      values: { autoscaling: { enabled: true } },
      expected: { replicas: undefined },
    },
    {
      what: 'never fewer pods than replicas while rolling',
      values: {},
      expected: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } },
    },
    {
      what: 'no rolling parameters with another strategy',
      values: { strategy: { type: 'Recreate' } },
      expected: { strategy: { type: 'Recreate' } },
    },
  ])('has $what', async ({ values, expected }) => {
    const spec = await renderSpec(values);
    for (const [field, value] of Object.entries(expected)) expect(spec[field]).toEqual(value);
  });

  test.each([
    { what: 'the chart’s version', image: {}, expected: 'ghcr.io/irsa-webhook/irsa-webhook:0.1.0' },
    { what: 'a tag', image: { tag: 'edge' }, expected: 'ghcr.io/irsa-webhook/irsa-webhook:edge' },
    { what: 'no registry', image: { registry: '', repository: 'irsa', tag: 'dev' }, expected: 'irsa:dev' },
    {
      what: 'a digest',
      image: { digest: `sha256:${'0'.repeat(64)}` },
      expected: `ghcr.io/irsa-webhook/irsa-webhook:0.1.0@sha256:${'0'.repeat(64)}`,
    },
  ])('takes an image by $what', async ({ image, expected }) => {
    expect((await renderPod({ values: { image } })).containers[0].image).toBe(expected);
  });

  test('takes all images from one registry, with one set of pull secrets', async () => {
    const objects = await render({ values: await valuesOf('images') });
    const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
    const [webhook, tester] = [find(objects, 'Deployment'), find(objects, 'Pod')].map(podSpecOf);
    expect(webhook?.containers[0].image).toBe(`mirror.example.com/copies/irsa-webhook:1.10@${digest}`);
    expect(tester?.containers[0].image).toBe('mirror.example.com/library/node:26-slim');
    expect(webhook?.imagePullSecrets).toEqual([{ name: 'everywhere' }, { name: 'here' }, { name: 'there' }]);
    expect(tester?.imagePullSecrets).toEqual(webhook?.imagePullSecrets);
  });

  test('passes values on to the flags as they are written', async () => {
    const { containers, volumes } = await renderPod({ values: await valuesOf('behaviour') });
    const parsed = parseServeArguments(containers[0].args ?? [], {});
    expect(parsed).toMatchObject({ kind: 'settings' });
    expect(containers[0].args).toEqual(
      expect.arrayContaining([
        '--annotation-prefix=identity.example.com',
        '--token-audience=sts: "quoted" # not a comment',
        '--token-expiration=4294967296',
        '--sts-regional-endpoint=false',
        '--account-id=000011112222',
        '--partition=aws-cn',
        '--config-map-name=roles',
        '--watch-container-credentials-config=/etc/webhook/container-credentials/list.json',
        '--exempt-namespaces=kube-*',
        '--log-level=debug',
        '--legacy-metrics=true',
      ]),
    );
    const name = 'container-credentials';
    expect(volumes).toEqual([{ name, configMap: { name: 'associations', optional: true } }]);
    expect(containers[0].volumeMounts).toEqual([
      { name, mountPath: '/etc/webhook/container-credentials', readOnly: true },
    ]);
  });

  test.each(['existing-secret', 'provided-certificate', 'cert-manager'])('mounts the certificate of %s', async file => {
    const objects = await render({ values: await valuesOf(file) });
    const { containers, volumes } = podSpecOf(find(objects, 'Deployment'));
    const secretName = file === 'existing-secret' ? 'webhook-tls' : 'irsa-webhook-cert';
    expect(volumes?.[0]).toEqual({ name: 'certificate', secret: { secretName } });
    expect(containers[0].volumeMounts?.[0]).toMatchObject({ name: 'certificate', mountPath: '/etc/webhook/certs' });
    expect(containers[0].args).toContain('--certificates=files');
    if (file === 'provided-certificate') expect(find(objects, 'Secret').metadata.name).toBe(secretName);
    if (file === 'cert-manager') {
      expect(find(objects, 'Certificate', 'irsa-webhook')['spec']).toMatchObject({
        secretName,
        dnsNames: expect.arrayContaining(['irsa-webhook.irsa-system.svc']),
        issuerRef: { kind: 'Issuer', name: 'irsa-webhook' },
      });
    }
  });

  test('has one handler in a probe, also when it is not the chart’s', async () => {
    const values = { livenessProbe: { tcpSocket: { port: 'https' } }, readinessProbe: { periodSeconds: 9 } };
    const { livenessProbe, readinessProbe } = (await renderPod({ values })).containers[0];
    expect(livenessProbe).toEqual({ tcpSocket: { port: 'https' }, periodSeconds: 10, failureThreshold: 6 });
    expect(readinessProbe).toMatchObject({ httpGet: { path: '/readyz', port: 'metrics' }, periodSeconds: 9 });
  });
});

describe('the objects around the Deployment', () => {
  test.each<{ replicas: string; values: object; budget: object | undefined }>([
    { replicas: 'two', values: {}, budget: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' } },
    { replicas: 'one', values: { replicaCount: 1 }, budget: undefined },
    { replicas: 'at least one', values: { autoscaling: { enabled: true, minReplicas: 1 } }, budget: undefined },
    {
      replicas: 'one to scale',
      values: { replicaCount: 1, autoscaling: { enabled: true } },
      budget: { maxUnavailable: 1 },
    },
    { replicas: 'none wanted away', values: { podDisruptionBudget: { enabled: false } }, budget: undefined },
    {
      replicas: 'some that must stay',
      values: { podDisruptionBudget: { minAvailable: 1 } },
      budget: { minAvailable: 1 },
    },
    {
      replicas: 'a share that must stay',
      values: { podDisruptionBudget: { minAvailable: '50%' } },
      budget: { minAvailable: '50%' },
    },
  ])('have a disruption budget that blocks no drain, with $replicas', async ({ values, budget }) => {
    const found = (await render({ values })).find(({ kind }) => kind === 'PodDisruptionBudget');
    if (budget === undefined) expect(found).toBeUndefined();
    else expect(found?.['spec']).toMatchObject(budget);
  });

  test('bind the rights to the account that the pods run as, whatever its name', async () => {
    const values = { serviceAccount: { create: false, name: 'mine' }, namespaceOverride: 'elsewhere' };
    const objects = await render({ values });
    expect(podSpecOf(find(objects, 'Deployment')).serviceAccountName).toBe('mine');
    for (const binding of [find(objects, 'ClusterRoleBinding', 'irsa-webhook'), find(objects, 'RoleBinding')]) {
      expect(binding['subjects']).toEqual([{ kind: 'ServiceAccount', name: 'mine', namespace: 'elsewhere' }]);
    }
  });

  test('give the least rights', async () => {
    const rulesOf = async (values: object): Promise<readonly unknown[]> => {
      const objects = (await render({ values })).filter(({ metadata }) => !metadata.name.endsWith('-test'));
      return objects.flatMap(({ kind, rules }) => (kind === 'ClusterRole' || kind === 'Role' ? [rules] : [])).flat();
    };
    const core = { apiGroups: [''] };
    const accounts = { ...core, resources: ['serviceaccounts'], verbs: ['get', 'list', 'watch'] };
    expect(await rulesOf(await valuesOf('existing-secret'))).toEqual([accounts]);
    expect(await rulesOf({ config: { podIdentityWebhookMap: { enabled: true } } })).toEqual([
      accounts,
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations'],
        resourceNames: ['irsa-webhook'],
        verbs: ['get', 'list', 'watch', 'patch'],
      },
      { ...core, resources: ['secrets'], verbs: ['create'] },
      {
        ...core,
        resources: ['secrets'],
        resourceNames: ['irsa-webhook-ca'],
        verbs: ['get', 'list', 'watch', 'update'],
      },
      {
        ...core,
        resources: ['configmaps'],
        resourceNames: ['pod-identity-webhook'],
        verbs: ['get', 'list', 'watch'],
      },
    ]);
  });

  test('hold the mapping as the webhook reads it, with its templates filled in', async () => {
    const { data } = find(await render({ values: await valuesOf('jkroepke') }), 'ConfigMap') as { data?: unknown };
    expect(JSON.parse((data as { config: string }).config)).toEqual({
      'irsa-system/myserviceaccount': {
        RoleARN: 'arn:aws:iam::111122223333:role/app',
        Audience: 'sts.amazonaws.com',
      },
    });
  });

  test('include the Secret of the authority, so that it goes with the release, but nothing in it', async () => {
    const { data, stringData, type, metadata } = find(await render(), 'Secret');
    expect({ data, stringData, type, name: metadata.name }).toEqual({ type: 'Opaque', name: 'irsa-webhook-ca' });
    const other = await render({ values: await valuesOf('existing-secret') });
    expect(other.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  test('let the network through to the metadata service only where the account is asked of it', async () => {
    const egressOf = async (values: object): Promise<string> =>
      JSON.stringify(find(await render({ values }), 'NetworkPolicy')['spec']);
    expect(await egressOf({ networkPolicy: { enabled: true } })).not.toContain('169.254');
    expect(await egressOf(await valuesOf('compose-by-imds'))).toContain('169.254.169.254/32');
  });
});
