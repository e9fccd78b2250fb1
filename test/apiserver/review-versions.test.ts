import { afterAll, beforeAll, expect, test } from 'vitest';
import { withoutManagedFields } from '../../src/admission/review-request.ts';
import { createNamespace, createPod, createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { registerWebhook } from '../support/cluster/webhook-registration.ts';
import { createdRole, podOf, role, roleOf, withRole } from './pods.ts';
import { startRecordingProxy, type RecordingProxy } from './recording-proxy.ts';
import { runWebhook, type RunningWebhook } from './registered-webhook.ts';

const v1 = 'admission.k8s.io/v1';
const v1beta1 = 'admission.k8s.io/v1beta1';

describeOnCluster('a review of the real API server', (cluster, admin) => {
  let running: RunningWebhook;
  let proxy: RecordingProxy;

  beforeAll(async () => {
    running = await runWebhook(admin, cluster, { namespace: 'review-versions' });
    proxy = await startRecordingProxy(running.webhook);
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await running[Symbol.asyncDispose]();
  });

  const lists: readonly { name: string; versions: readonly string[]; sent: string }[] = [
    { name: 'v1', versions: ['v1'], sent: v1 },
    { name: 'v1beta1', versions: ['v1beta1'], sent: v1beta1 },
    { name: 'both', versions: ['v1', 'v1beta1'], sent: v1 },
    { name: 'old-first', versions: ['v1beta1', 'v1'], sent: v1beta1 },
    { name: 'unknown-first', versions: ['v2', 'v1'], sent: v1 },
  ];
  const registrations = lists.flatMap(list =>
    (['Ignore', 'Fail'] as const).map(failurePolicy => ({ ...list, failurePolicy })),
  );

  test.each(registrations)(
    'is answered in its version when $versions are registered with $failurePolicy (E1, E2, E3)',
    async ({ name, versions, sent, failurePolicy }) => {
      const namespace = `review-versions-${name}-${failurePolicy.toLowerCase()}`;
      await createNamespace(admin, namespace);
      await createServiceAccount(admin, namespace, 'app', withRole(name));
      await using _ = await registerWebhook(admin, {
        name: namespace,
        url: proxy.url,
        caBundle: proxy.caBundle,
        namespaces: [namespace],
        admissionReviewVersions: versions,
        failurePolicy,
        timeoutSeconds: 7,
      });
      expect(await createdRole(admin, namespace, { name, serviceAccount: 'app' })).toBe(role(name));

      const call = proxy.calls.at(-1);
      expect(call?.target).toBe('/mutate?timeout=7s');
      expect(call?.review).toMatchObject({ apiVersion: sent, kind: 'AdmissionReview', request: { name } });
      expect(call?.answer).toMatchObject({
        apiVersion: sent,
        kind: 'AdmissionReview',
        response: { uid: call?.review.request?.uid, allowed: true, patchType: 'JSONPatch', patch: expect.any(String) },
      });
    },
  );

  test('is answered alike when it is a dry run, and counts no containers (E14)', async () => {
    const namespace = 'review-versions-dry';
    await createNamespace(admin, namespace);
    await createServiceAccount(admin, namespace, 'app', withRole('dry'));
    const { url, caBundle } = proxy;
    await using _ = await registerWebhook(admin, { name: namespace, url, caBundle, namespaces: [namespace] });
    const count = async (series: string): Promise<number> => (await running.webhook.metric(series)) ?? Number.NaN;
    const containers = 'irsa_webhook_containers_injected_total';
    const reviews = 'irsa_webhook_admission_reviews_total{outcome="mutated",method="web_identity",hook="default"}';
    const before = { containers: await count(containers), reviews: await count(reviews) };

    const pod = { name: 'app', serviceAccount: 'app' };
    const dry = podOf(await createPod(admin, namespace, { ...pod, dryRun: true }));
    expect(roleOf(dry)).toBe(role('dry'));
    expect(proxy.calls.at(-1)?.review.request).toMatchObject({ dryRun: true });
    expect(await count(containers)).toBe(before.containers);
    expect((await admin.get(`/api/v1/namespaces/${namespace}/pods/app`)).status).toBe(404);

    const real = podOf(await createPod(admin, namespace, pod));
    expect(real.spec.containers[0]?.env).toEqual(dry.spec.containers[0]?.env);
    expect(proxy.calls.at(-1)?.review.request).toMatchObject({ dryRun: false });
    expect(await count(containers)).toBe(before.containers + 1);
    expect(await count(reviews)).toBe(before.reviews + 2);
    await running.webhook.logged({ pod: 'app', decision: 'mutated', dryRun: true });
    await running.webhook.logged({ pod: 'app', decision: 'mutated', dryRun: false });
  });

  test('has managedFields where they can be left out before it is parsed', async () => {
    const namespace = 'review-versions-fields';
    await createNamespace(admin, namespace);
    const { url, caBundle } = proxy;
    await using _ = await registerWebhook(admin, { name: namespace, url, caBundle, namespaces: [namespace] });
    await createPod(admin, namespace, { name: 'app', serviceAccount: 'default', labels: { app: 'app' } });
    const text = proxy.calls.at(-1)?.text ?? '';
    const sent = JSON.parse(text).request.object;
    expect(sent.metadata.managedFields).toHaveLength(1);
    const left = JSON.parse(withoutManagedFields(text)).request.object;
    expect(left).toEqual({ ...sent, metadata: { ...sent.metadata, managedFields: [] } });
  });

  test('gets nothing, and is no failure, when the account has no role (E77)', async () => {
    const namespace = 'review-versions-none';
    await createNamespace(admin, namespace);
    const { url, caBundle } = proxy;
    await using _ = await registerWebhook(admin, { name: namespace, url, caBundle, namespaces: [namespace] });
    expect(await createdRole(admin, namespace, { name: 'plain' })).toBeUndefined();
    const response = proxy.calls.at(-1)?.answer.response;
    expect(response).toMatchObject({ allowed: true });
    expect(response).not.toHaveProperty('patch');
    expect(response).not.toHaveProperty('patchType');
  });
});
