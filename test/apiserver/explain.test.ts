import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Explanation } from '../../src/explanation/explanation.ts';
import { connect, succeeded, type KubernetesClient } from '../support/cluster/client.ts';
import { startCluster, type Cluster } from '../support/cluster/cluster.ts';
import { createNamespace, createPod, createServiceAccount, type PodOptions } from '../support/cluster/objects.ts';
import { registerWebhook } from '../support/cluster/webhook-registration.ts';
import { runIrsa, type IrsaResult } from '../support/run-irsa.ts';
import { annotate, role, withRole } from './pods.ts';
import { registrationOf, runWebhook, type RunningWebhook } from './registered-webhook.ts';

/** The API server tells times in whole seconds. */
const nextSecondMs = 1_100;

const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const shared = inject('cluster');

/** A cluster of its own: the question is also what happens in one without any webhook. */
describe.skipIf(shared.kind === 'unavailable')('irsa explain on a cluster', () => {
  let cluster: Cluster;
  let admin: KubernetesClient;

  beforeAll(async () => {
    cluster = await startCluster();
    admin = connect({ ...cluster, token: cluster.adminToken });
  });
  afterAll(async () => {
    admin[Symbol.dispose]();
    await cluster.stop();
  });

  const explain = (namespace: string, ...args: readonly string[]): Promise<IrsaResult> =>
    runIrsa(['explain', ...args, '-n', namespace], {
      environment: { KUBECONFIG: cluster.kubeconfig, LANG: 'C.UTF-8' },
    });

  async function explanationOf(namespace: string, ...args: readonly string[]): Promise<Explanation> {
    const { code, stdout, stderr } = await explain(namespace, ...args, '-o', 'json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  }

  const pod = async (namespace: string, options: PodOptions): Promise<void> => {
    succeeded(await createPod(admin, namespace, options));
  };

  const summary = ({ hook, running, verdict }: Explanation): object => ({
    hook: hook?.code,
    code: verdict.code,
    causes: running?.causes.map(({ code }) => code),
    identity: verdict.identity,
    reason: verdict.reason,
  });

  test('finds nothing to explain, or may not', async () => {
    await createNamespace(admin, 'refused');
    expect(await explain('refused', 'pod/missing')).toEqual({
      code: 3,
      stdout: '',
      stderr: 'error: Pod missing does not exist in namespace refused\n',
    });
    const forbidden = await explain('refused', 'pod/missing', '--as', 'nobody');
    expect(forbidden.stdout).toBe('');
    expect(forbidden.stderr).toMatch(/^error: a right is missing: get on pods[^\n]*\n$/);
    expect(forbidden.code).toBe(3);
  });

  describe('without a webhook', () => {
    const namespace = 'without';

    beforeAll(async () => {
      await createNamespace(admin, namespace);
      await createServiceAccount(admin, namespace, 'web', withRole('web'));
      await delay(nextSecondMs);
      await pod(namespace, { name: 'web', serviceAccount: 'web' });
    });

    test('says that this is the cause', async () => {
      const explanation = await explanationOf(namespace, 'pod/web');
      expect(summary(explanation)).toEqual({
        hook: 'not_installed',
        code: 'identity_missing',
        causes: ['hook_not_installed'],
        identity: 'none',
        reason: 'identity_injected',
      });
      expect(explanation.verdict.sentence).toBe(
        `Identity missing: expected role ${role('web')} from the ServiceAccount's annotation: container app lacks AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE, the token's mount: no pod identity webhook is registered in this cluster.`,
      );
      expect((await explanationOf(namespace, 'sa/web')).verdict).toMatchObject({ identity: 'none' });
    });

    test('does not see that where the rights are missing, and says so', async () => {
      const rules = [{ apiGroups: [''], resources: ['pods', 'serviceaccounts'], verbs: ['get'] }];
      const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
      succeeded(await admin.create(`${rbac}/roles`, { metadata: { name: 'developer' }, rules }));
      const binding = {
        metadata: { name: 'developer' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'developer' },
        subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'developer' }],
      };
      succeeded(await admin.create(`${rbac}/rolebindings`, binding));
      const explanation = await explanationOf(namespace, 'pod/web', '--as', 'developer');
      expect(summary(explanation)).toEqual({
        hook: 'unknown',
        code: 'identity_missing',
        causes: ['unknown'],
        identity: 'none',
        reason: 'identity_injected',
      });
      expect(explanation.hook?.detail).toContain('is forbidden');
      expect(explanation.sources.at(-1)).toMatchObject({ source: 'mapping', result: 'unknown' });
    });
  });

  describe('with a webhook that runs', () => {
    const namespace = 'hooked';
    let running: RunningWebhook;
    let registration: AsyncDisposable;

    beforeAll(async () => {
      running = await runWebhook(admin, cluster, { namespace });
      await createServiceAccount(admin, namespace, 'web', withRole('web'));
      await createServiceAccount(admin, namespace, 'late', { 'example.com/team': 'shop' });
      await createServiceAccount(admin, namespace, 'untold');
      await createServiceAccount(admin, namespace, 'bare');
      await pod(namespace, { name: 'older', serviceAccount: 'web' });
      await delay(nextSecondMs);
      const options = registrationOf(running.webhook, namespace);
      registration = await registerWebhook(admin, { ...options, name: 'pod-identity-webhook' });
      await pod(namespace, { name: 'web', serviceAccount: 'web' });
      await pod(namespace, { name: 'late', serviceAccount: 'late' });
      await pod(namespace, { name: 'untold', serviceAccount: 'untold' });
      const labels = { 'eks.amazonaws.com/skip-pod-identity-webhook': 'true' };
      await pod(namespace, { name: 'skipped', serviceAccount: 'web', labels });
      await delay(nextSecondMs);
      await annotate(admin, namespace, 'late', withRole('late'));
      // The API server keeps no times for an account that was created without any annotation.
      await annotate(admin, namespace, 'untold', withRole('untold'));
    });
    afterAll(async () => {
      await registration[Symbol.asyncDispose]();
      await running[Symbol.asyncDispose]();
    });

    test.each([
      ['pod/web', 'as_it_would_be', [], 'has', 'already_injected'],
      ['pod/late', 'identity_missing', ['created_before_the_role_was_set'], 'none', 'identity_injected'],
      ['pod/untold', 'identity_missing', ['account_changed_since'], 'none', 'identity_injected'],
      ['pod/older', 'identity_missing', ['created_before_the_hook'], 'none', 'identity_injected'],
      ['pod/skipped', 'skip_label', undefined, 'none', 'skip_label'],
    ])('explains %s', async (object, code, causes, identity, reason) => {
      expect(summary(await explanationOf(namespace, object))).toEqual({
        hook: 'selected',
        code,
        causes,
        identity,
        reason,
      });
    });

    test('tells in the text who annotated when, and what to do', async () => {
      const { code, stdout, stderr } = await explain(namespace, 'pod/late');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const times = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;
      await expect(stdout.replaceAll(times, 'TIME')).toMatchFileSnapshot('golden/explain-late.txt');
    });

    test('sees that a role was changed since, and that it was taken away', async () => {
      await createServiceAccount(admin, namespace, 'changing', withRole('first'));
      await pod(namespace, { name: 'changing', serviceAccount: 'changing' });
      await delay(nextSecondMs);
      await annotate(admin, namespace, 'changing', withRole('second'));
      const changed = await explanationOf(namespace, 'pod/changing');
      expect(changed).toMatchObject({
        verdict: { code: 'role_stale', verdict: 'broken' },
        running: { causes: [{ code: 'role_changed_since' }] },
      });
      expect(changed.findings[0]?.detail).toContain(`role ${role('first')} in container`);
      await annotate(admin, namespace, 'changing', { 'eks.amazonaws.com/role-arn': null });
      expect((await explanationOf(namespace, 'pod/changing')).verdict.code).toBe('identity_unexpected');
    });

    test('tells that the webhook does not select the namespace, and by which requirement', async () => {
      await createNamespace(admin, 'elsewhere');
      await createServiceAccount(admin, 'elsewhere', 'web', withRole('web'));
      await pod('elsewhere', { name: 'web', serviceAccount: 'web' });
      const explanation = await explanationOf('elsewhere', 'pod/web');
      expect(summary(explanation)).toMatchObject({
        hook: 'not_selected',
        causes: ['hook_does_not_select_the_pod'],
        identity: 'none',
      });
      expect(explanation.hook?.entries.at(-1)?.detail).toBe(
        'its namespaceSelector excludes the namespace: it needs kubernetes.io/metadata.name In (hooked), found "elsewhere"',
      );
    });

    test('explains workloads by their template, accounts by a pod, and several objects in one list', async () => {
      const template = { metadata: { labels: { app: 'web' } }, spec: podSpec('web') };
      const metadata = { name: 'web' };
      const spec = { selector: { matchLabels: { app: 'web' } }, template };
      const job = { template: { spec: { ...podSpec('bare'), restartPolicy: 'Never' } } };
      const schedule = { schedule: '* * * * *', jobTemplate: { spec: job } };
      const lists: readonly (readonly [string, object])[] = [
        [`/apis/apps/v1/namespaces/${namespace}/deployments`, { metadata, spec }],
        [`/apis/apps/v1/namespaces/${namespace}/statefulsets`, { metadata, spec: { ...spec, serviceName: 'web' } }],
        [`/apis/apps/v1/namespaces/${namespace}/daemonsets`, { metadata, spec }],
        [`/apis/batch/v1/namespaces/${namespace}/jobs`, { metadata, spec: job }],
        [`/apis/batch/v1/namespaces/${namespace}/cronjobs`, { metadata, spec: schedule }],
      ];
      for (const [path, object] of lists) succeeded(await admin.create(path, object));
      const objects = [
        'deployment/web',
        'sts/web',
        'daemonset/web',
        'serviceaccount/web',
        'job/web',
        'cj/web',
        'sa/bare',
      ];
      const { code, stdout } = await explain(namespace, ...objects, '-o', 'json');
      expect(code).toBe(0);
      const { kind, items } = JSON.parse(stdout);
      expect(kind).toBe('ExplanationList');
      expect(items.map(({ subject, verdict }: Explanation) => [subject.kind, verdict.identity])).toEqual([
        ['Deployment', 'gets'],
        ['StatefulSet', 'gets'],
        ['DaemonSet', 'gets'],
        ['ServiceAccount', 'gets'],
        ['Job', 'none'],
        ['CronJob', 'none'],
        ['ServiceAccount', 'none'],
      ]);
    });

    test('reads the accounts of the cluster for manifests', async () => {
      const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'new' }, spec: podSpec('web') };
      const args = ['explain', '-f', '-', '-n', namespace, '-o', 'json', '--cluster'];
      const environment = { KUBECONFIG: cluster.kubeconfig };
      const { code, stdout } = await runIrsa(args, { stdin: JSON.stringify(manifest), environment });
      expect(code).toBe(0);
      expect(JSON.parse(stdout).verdict).toMatchObject({ identity: 'gets', reason: 'identity_injected' });
    });
  });

  describe('with a webhook that does not answer', () => {
    const namespace = 'silent';
    const system = 'irsa-system';

    beforeAll(async () => {
      await createNamespace(admin, namespace);
      await createNamespace(admin, system);
      for (const [path, object] of silentInstallation(system, namespace)) succeeded(await admin.create(path, object));
      await createServiceAccount(admin, namespace, 'web');
      await delay(nextSecondMs);
      await pod(namespace, { name: 'web', serviceAccount: 'web' });
    });
    afterAll(async () => void succeeded(await admin.delete(`${configurations}/irsa-webhook`)));

    test('decides with its settings and its mapping, and says that it did not answer', async () => {
      const explanation = await explanationOf(namespace, 'pod/web');
      expect(summary(explanation)).toMatchObject({ hook: 'selected', causes: ['hook_did_not_answer'] });
      expect(explanation.sources.map(({ result }) => result)).toEqual(['unknown', 'silent', 'wins']);
      const settings = new Map(explanation.settings.map(({ name, ...setting }) => [name, setting]));
      expect(settings.get('role')).toMatchObject({ value: role('mapped'), from: 'mapping' });
      expect(settings.get('region')).toEqual({
        value: 'eu-west-1',
        from: 'installed',
        detail: `--aws-default-region of Deployment ${system}/irsa-webhook`,
      });
    });

    test('takes a flag before the installed setting', async () => {
      const { settings } = await explanationOf(namespace, 'pod/web', '--aws-default-region=us-east-1');
      expect(settings.find(({ name }) => name === 'region')).toMatchObject({ value: 'us-east-1', from: 'flag' });
    });
  });
});

function podSpec(serviceAccountName: string): object {
  return { serviceAccountName, containers: [{ name: 'app', image: 'example.com/app:1' }] };
}

/** What the chart installs, but nothing runs: there is no kubelet. */
function silentInstallation(system: string, namespace: string): readonly (readonly [string, object])[] {
  const name = 'irsa-webhook';
  const labels = { app: name };
  const args = [
    'serve',
    `--namespace=${system}`,
    '--watch-config-map=true',
    '--aws-default-region=eu-west-1',
    '--watch-container-credentials-config=/etc/irsa/associations.json',
  ];
  const containers = [{ name: 'webhook', image: 'example.com/irsa-webhook:1', args, ports: [{ containerPort: 8443 }] }];
  const mapping = JSON.stringify({ [`${namespace}/*`]: { RoleARN: role('mapped') } });
  const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
  const hook = {
    name: 'pod-identity-webhook.amazonaws.com',
    clientConfig: { service: { namespace: system, name, path: '/mutate' } },
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    failurePolicy: 'Ignore',
    timeoutSeconds: 1,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    rules: [rule],
  };
  return [
    [
      `/api/v1/namespaces/${system}/configmaps`,
      { metadata: { name: 'pod-identity-webhook' }, data: { config: mapping } },
    ],
    [
      `/api/v1/namespaces/${system}/services`,
      { metadata: { name }, spec: { selector: labels, ports: [{ port: 443, targetPort: 8443 }] } },
    ],
    [
      `/apis/apps/v1/namespaces/${system}/deployments`,
      {
        metadata: { name },
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
      },
    ],
    [configurations, { metadata: { name, labels: { 'app.kubernetes.io/part-of': name } }, webhooks: [hook] }],
  ];
}
