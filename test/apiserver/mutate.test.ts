import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connect, type KubernetesClient } from '../support/cluster/client.ts';
import { startCluster, type Cluster } from '../support/cluster/cluster.ts';
import { createNamespace, createPod, createServiceAccount } from '../support/cluster/objects.ts';
import { registerWebhook } from '../support/cluster/webhook-registration.ts';
import { runIrsa, type IrsaResult } from '../support/run-irsa.ts';
import { podOf, role, withRole, type Pod } from './pods.ts';
import { registrationOf, runWebhook } from './registered-webhook.ts';

const shared = inject('cluster');

/** A cluster of its own: the question is also what happens in one without any webhook. */
describe.skipIf(shared.kind === 'unavailable')('irsa mutate --cluster', () => {
  const namespace = 'mutated';
  let cluster: Cluster;
  let admin: KubernetesClient;

  beforeAll(async () => {
    cluster = await startCluster();
    admin = connect({ ...cluster, token: cluster.adminToken });
    await createNamespace(admin, 'plain');
    await createServiceAccount(admin, 'plain', 'web', withRole('live'));
  });
  afterAll(async () => {
    admin[Symbol.dispose]();
    await cluster.stop();
  });

  const mutate = (stdin: string, ...args: readonly string[]): Promise<IrsaResult> =>
    runIrsa(['mutate', '-f', '-', '--cluster', ...args], { stdin, environment: { KUBECONFIG: cluster.kubeconfig } });

  const podText = (account: string, namespace: string): string =>
    stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: account, namespace },
      spec: { serviceAccountName: account, containers: [{ name: 'app', image: 'example.com/app:1' }] },
    });

  const noWebhook =
    'note: the cluster has no webhook for AWS identities: settings are those of the flags and their defaults\n';

  test('takes ServiceAccounts of the cluster, and files before them', async () => {
    const live = await mutate(podText('web', 'plain'), '-o', 'json');
    expect(live.stdout).toContain(role('live'));
    expect(live.stderr).toBe(
      `${noWebhook}Pod plain/web: injected role ${role('live')} from service_account into 1 container (identity_injected)\n`,
    );
    const metadata = { name: 'web', namespace: 'plain', annotations: withRole('written') };
    const account = stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    expect((await mutate(`${account}---\n${podText('web', 'plain')}`)).stdout).toContain(role('written'));
  });

  test('knows which ServiceAccounts there are not', async () => {
    const { code, stdout, stderr } = await mutate(podText('none', 'plain'));
    expect(stdout).toBe(podText('none', 'plain'));
    expect(stderr).toContain(
      'Pod plain/none: left as it is: ServiceAccount "plain/none" does not exist (service_account_not_found)\n',
    );
    expect(code).toBe(0);
  });

  test('says what it may not read', async () => {
    const { code, stdout, stderr } = await mutate(podText('web', 'plain'), '--as', 'nobody');
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /^note: whether a webhook is installed may not be seen: [^\n]+\nerror: a right is missing: [^\n]+\n$/,
    );
    expect(code).toBe(3);
  });

  test('gives a pod what the webhook gives it', async () => {
    await using running = await runWebhook(admin, cluster, { namespace, flags: ['--aws-default-region=eu-west-1'] });
    await createServiceAccount(admin, namespace, 'web', withRole('web'));
    const registration = registrationOf(running.webhook, namespace);
    await using _registered = await registerWebhook(admin, { ...registration, name: 'pod-identity-webhook' });
    const created = podOf(await createPod(admin, namespace, { name: 'web', serviceAccount: 'web' }));
    const { stdout } = await mutate(podText('web', namespace), '-o', 'json', '--aws-default-region=eu-west-1');
    const mutated: Pod = JSON.parse(stdout);
    expect(mutated.spec.containers[0]?.env).toEqual(created.spec.containers[0]?.env);
    const mounts = created.spec.containers[0]?.volumeMounts ?? [];
    expect(mounts).toEqual(expect.arrayContaining([...(mutated.spec.containers[0]?.volumeMounts ?? [])]));
    expect(mutated.spec.volumes?.[0]?.projected?.sources).toEqual(created.spec.volumes?.[0]?.projected?.sources);
  });
});
