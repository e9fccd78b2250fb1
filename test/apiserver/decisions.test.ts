import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPod, createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { podOf, role, roleAnnotation, roleOf, variableOf, withRole, type Container } from './pods.ts';
import { runRegisteredWebhook, type RunningWebhook } from './registered-webhook.ts';

const podCreation = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const ephemeralContainers = {
  operations: ['UPDATE'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['pods', 'pods/ephemeralcontainers', 'pods/status', 'pods/resize'],
};

describeOnCluster('what is decided about a pod', (cluster, admin) => {
  const namespace = 'decisions';
  let running: RunningWebhook;

  beforeAll(async () => {
    running = await runRegisteredWebhook(admin, cluster, {
      namespace,
      registration: { rules: [podCreation, ephemeralContainers] },
    });
    await createServiceAccount(admin, namespace, 'app', withRole('app'));
    await createServiceAccount(admin, namespace, 'plain');
    await createServiceAccount(admin, namespace, 'odd', { [roleAnnotation]: 'arn:aws:iam::1:user/"me"' });
  });
  afterAll(() => running[Symbol.asyncDispose]());

  test('reaches its creator as a refusal with the reason when it requires an identity and has none', async () => {
    const labels = { 'eks.amazonaws.com/require-pod-identity': 'true' };
    const refused = await createPod(admin, namespace, { name: 'required', serviceAccount: 'plain', labels });
    expect(refused).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
    expect(refused.body['message']).toMatch(/^admission webhook "decisions\.irsa-webhook\.test" denied the request: /);
    expect(refused.body['message']).toContain('eks.amazonaws.com/require-pod-identity');
    expect(refused.body['message']).toContain('decisions/plain');
    await running.webhook.logged({ pod: 'required', decision: 'denied', reason: 'identity_required' });

    const pod = await createPod(admin, namespace, { name: 'granted', serviceAccount: 'app', labels });
    expect(roleOf(podOf(pod))).toBe(role('app'));
  });

  test('reaches its creator as a warning when the role is no ARN of a role (E50)', async () => {
    const answer = await createPod(admin, namespace, { name: 'odd', serviceAccount: 'odd' });
    expect(roleOf(podOf(answer))).toBe('arn:aws:iam::1:user/"me"');
    expect(answer.warnings).toEqual([
      expect.stringMatching(/^irsa-webhook: ServiceAccount .*arn:aws:iam::1:user.* \(invalid_role_arn\)$/),
    ]);
  });

  test('comes without a warning when there is nothing to warn of', async () => {
    for (const serviceAccount of ['app', 'plain']) {
      const answer = await createPod(admin, namespace, { name: 'quiet', serviceAccount, dryRun: true });
      expect(answer).toMatchObject({ status: 201, warnings: [] });
    }
  });

  test('is kept to by the skip label (E27)', async () => {
    const labels = { 'eks.amazonaws.com/skip-pod-identity-webhook': 'true' };
    const answer = await createPod(admin, namespace, { name: 'skipped', serviceAccount: 'app', labels });
    expect(roleOf(podOf(answer))).toBeUndefined();
  });

  test('goes on for ephemeral containers: new ones get the identity of the pod, once (E29)', async () => {
    const name = 'debugged';
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const pod = podOf(await createPod(admin, namespace, { name, serviceAccount: 'app' }));
    const debug = async (container: string): Promise<readonly Container[]> => {
      const ephemeral = [{ name: container, image: 'example.com/debug:1', targetContainerName: 'app' }];
      const body = { spec: { ephemeralContainers: ephemeral } };
      const path = `${pods}/${name}/ephemeralcontainers`;
      const updated = podOf(await admin.patch(path, 'strategic-merge-patch', body));
      expect(updated.spec.volumes).toEqual(pod.spec.volumes);
      expect(updated.spec.containers).toEqual(pod.spec.containers);
      return updated.spec.ephemeralContainers ?? [];
    };
    const [first] = await debug('first');
    expect(variableOf(first, 'AWS_ROLE_ARN')).toBe(role('app'));
    expect(variableOf(first, 'AWS_WEB_IDENTITY_TOKEN_FILE')).toContain('/serviceaccount/token');
    expect(first?.volumeMounts?.map(mount => mount.name)).toContain('aws-iam-token');

    // A strategic merge puts what is new first.
    expect(await debug('second')).toEqual([{ ...first, name: 'second' }, first]);
  });

  test('is nothing for ephemeral containers of a pod without a token (E29)', async () => {
    const name = 'plain';
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const labels = { 'eks.amazonaws.com/skip-pod-identity-webhook': 'true' };
    podOf(await createPod(admin, namespace, { name, serviceAccount: 'app', labels }));
    const body = { spec: { ephemeralContainers: [{ name: 'debug', image: 'example.com/debug:1' }] } };
    const updated = podOf(await admin.patch(`${pods}/${name}/ephemeralcontainers`, 'strategic-merge-patch', body));
    expect(updated.spec.ephemeralContainers?.[0]?.env).toBeUndefined();
  });

  test('is nothing for updates of pods and of their other subresources (E28, E30)', async () => {
    const name = 'updated';
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    const pod = podOf(await createPod(admin, namespace, { name, serviceAccount: 'app' }));
    const labelled = await admin.patch(path, 'merge-patch', { metadata: { labels: { changed: 'yes' } } });
    expect(podOf(labelled).spec).toEqual(pod.spec);
    const started = await admin.patch(`${path}/status`, 'merge-patch', { status: { phase: 'Running' } });
    expect(podOf(started).spec).toEqual(pod.spec);
  });
});
