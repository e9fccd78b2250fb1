import { expect, test } from 'vitest';
import { createNamespace, createPod, createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { registerWebhook } from '../support/cluster/webhook-registration.ts';
import { launchWebhook } from '../support/webhook-process.ts';
import { createdRole, podOf, role, roleOf, withRole } from './pods.ts';
import { registrationOf, runWebhook } from './registered-webhook.ts';

describeOnCluster('a pod whose webhook does not answer', (cluster, admin) => {
  test('is let in or refused as the failurePolicy says when the program has gone (E13)', async () => {
    const namespace = 'failures-gone';
    await using running = await runWebhook(admin, cluster, { namespace });
    await createServiceAccount(admin, namespace, 'app', withRole('app'));
    const registration = registrationOf(running.webhook, namespace);
    const register = (failurePolicy: 'Fail' | 'Ignore') =>
      registerWebhook(admin, { ...registration, name: `${namespace}-${failurePolicy.toLowerCase()}`, failurePolicy });
    {
      await using _ = await register('Ignore');
      expect(await createdRole(admin, namespace, { name: 'before', serviceAccount: 'app' })).toBe(role('app'));
      await running.webhook.kill();
      expect(await createdRole(admin, namespace, { name: 'ignored', serviceAccount: 'app' })).toBeUndefined();
    }
    await using _ = await register('Fail');
    const refused = await createPod(admin, namespace, { name: 'failed', serviceAccount: 'app' });
    expect(refused).toMatchObject({ status: 500, body: { message: expect.stringContaining('connection refused') } });
  });

  test.each([
    { failurePolicy: 'Ignore', status: 201, reason: undefined },
    { failurePolicy: 'Fail', status: 500, reason: 'failed calling webhook' },
  ] as const)(
    'is let in or refused as $failurePolicy says when the webhook cannot look up its account (E13)',
    async ({ failurePolicy, status, reason }) => {
      const namespace = `failures-503-${failurePolicy.toLowerCase()}`;
      await createNamespace(admin, namespace);
      await createServiceAccount(admin, namespace, 'app', withRole('app'));
      await using webhook = await launchWebhook({ apiServer: 'https://127.0.0.1:1' });
      await webhook.listening();
      await using _ = await registerWebhook(admin, {
        ...registrationOf(webhook, namespace),
        failurePolicy,
        timeoutSeconds: 3,
      });
      const answer = await createPod(admin, namespace, { name: 'app', serviceAccount: 'app' });
      expect(answer.status).toBe(status);
      if (reason !== undefined) expect(answer.body['message']).toContain(reason);
      // The API server has asked again, once a second.
      const refusals = await webhook.metric('irsa_webhook_http_requests_total{handler="/mutate",code="503"}');
      expect(refusals).toBeGreaterThanOrEqual(2);
    },
  );

  test('is let in with a warning when that is what --fault-response says (E13)', async () => {
    const namespace = 'failures-allow';
    await createNamespace(admin, namespace);
    await createServiceAccount(admin, namespace, 'app', withRole('app'));
    await using webhook = await launchWebhook({
      apiServer: 'https://127.0.0.1:1',
      flags: ['--fault-response=allow'],
    });
    await webhook.listening();
    await using _ = await registerWebhook(admin, registrationOf(webhook, namespace));
    const answer = await createPod(admin, namespace, { name: 'app', serviceAccount: 'app' });
    expect(roleOf(podOf(answer))).toBeUndefined();
    expect(answer.warnings).toEqual([
      expect.stringMatching(/^irsa-webhook: the pod is admitted without an AWS identity: .* \(lookup_failed\)$/),
    ]);
  });
});
