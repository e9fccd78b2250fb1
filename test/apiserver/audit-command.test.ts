import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNamespace, createPod, createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { runIrsa, type IrsaResult } from '../support/run-irsa.ts';
import { annotate, podOf, role, roleAnnotation, withRole } from './pods.ts';
import { runRegisteredWebhook, type RunningWebhook } from './registered-webhook.ts';

interface Finding {
  readonly code: string;
  readonly object: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly role: string | null;
  readonly podRole: string | null;
  readonly containers: readonly string[];
  readonly pods: readonly string[];
}

describeOnCluster('irsa audit', (cluster, admin) => {
  const namespace = 'audit-command';
  /** The webhook is not called for pods of this one. */
  const outside = 'audit-command-outside';
  let running: RunningWebhook;

  beforeAll(async () => {
    running = await runRegisteredWebhook(admin, cluster, { namespace });
    await createNamespace(admin, outside);
    for (const name of ['fine', 'old', 'taken']) await createServiceAccount(admin, namespace, name, withRole(name));
    await createServiceAccount(admin, namespace, 'late');
    for (const serviceAccount of ['fine', 'old', 'taken', 'late']) {
      await createPod(admin, namespace, {
        name: `web-${serviceAccount}`,
        serviceAccount,
        labels: { app: serviceAccount },
      });
    }
    await annotate(admin, namespace, 'old', withRole('new'));
    await annotate(admin, namespace, 'taken', { [roleAnnotation]: null });
    await annotate(admin, namespace, 'late', withRole('late'));
    const labels = { 'eks.amazonaws.com/skip-pod-identity-webhook': 'true' };
    await createPod(admin, namespace, { name: 'skipped', serviceAccount: 'fine', labels });
    const { spec } = podOf(await createPod(admin, namespace, { name: 'copied', serviceAccount: 'fine', dryRun: true }));
    await createServiceAccount(admin, outside, 'fine', withRole('fine'));
    const containers = [...spec.containers, { name: 'sidecar', image: 'example.com/sidecar:1' }];
    await createPod(admin, outside, {
      name: 'partial',
      serviceAccount: 'fine',
      spec: { containers, volumes: spec.volumes },
    });
    await createPod(admin, outside, { name: 'never', serviceAccount: 'fine' });
  });
  afterAll(() => running[Symbol.asyncDispose]());

  const audit = (...args: readonly string[]): Promise<IrsaResult> =>
    runIrsa(['audit', '--kubeconfig', cluster.kubeconfig, ...args]);
  const findings = async (...args: readonly string[]): Promise<readonly Finding[]> =>
    JSON.parse((await audit('-o', 'json', ...args)).stdout).findings;

  test('finds the pods that are older than what their accounts say', async () => {
    const found = await findings('-n', namespace);
    expect(found.map(({ code, object, podRole }) => [code, `${object.kind}/${object.name}`, podRole])).toEqual([
      ['IRSA001', 'Pod/web-late', null],
      ['IRSA002', 'Pod/web-old', role('old')],
      ['IRSA003', 'Pod/web-taken', role('taken')],
    ]);
    expect(found.map(finding => finding.role)).toEqual([role('late'), role('new'), null]);
  });

  test('finds the containers that lack what others of the pod have', async () => {
    const found = await findings('-n', outside);
    expect(found.map(({ code, object, containers }) => [code, object.name, containers])).toEqual([
      ['IRSA001', 'never', ['app']],
      ['IRSA004', 'partial', ['sidecar']],
    ]);
  });

  test('looks at all namespaces with -A, and at the pods of a selector only', async () => {
    const all = await findings('-A');
    const names = all.map(({ object }) => `${object.namespace}/${object.name}`);
    expect(names).toEqual(expect.arrayContaining([`${namespace}/web-old`, `${outside}/never`]));
    const selected = await findings('-n', namespace, '-l', 'app in (old, fine)');
    expect(selected.map(({ object }) => object.name)).toEqual(['web-old']);
  });

  test('agrees with the webhook: a pod that is created anew has no findings', async () => {
    await createPod(admin, namespace, { name: 'anew', serviceAccount: 'old', labels: { app: 'anew' } });
    const { code, stdout } = await audit('-n', namespace, '-l', 'app=anew', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ totals: { pods: 1, podsWithIdentity: 1 }, findings: [] });
  });

  test('says by its exit code what it found, and by one line why it could not look', async () => {
    expect((await audit('-n', namespace)).code).toBe(1);
    expect((await audit('-n', namespace, '--exit-zero')).code).toBe(0);
    const forbidden = await audit('-n', namespace, '--as', 'nobody');
    expect(forbidden).toMatchObject({ code: 3, stdout: '' });
    expect(forbidden.stderr).toMatch(/^error: a right is missing: list on \S+.* \(forbidden\)$/m);
    const refused = await audit('-n', namespace, '-l', 'a=b=c');
    expect(refused).toMatchObject({ code: 3, stdout: '' });
  });
});
