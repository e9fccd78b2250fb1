import { expect, test } from 'vitest';
import { connect, succeeded } from '../support/cluster/client.ts';
import { createNamespace, createPod, createServiceAccount, requestToken } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { createWebhookAccount } from '../support/cluster/webhook-account.ts';
import { registerWebhook } from '../support/cluster/webhook-registration.ts';
import { writeMountedVolume } from '../support/mounted-volume.ts';
import { waitFor } from '../support/wait-for.ts';
import { launchWebhook, startWebhook } from '../support/webhook-process.ts';
import { startGate } from './gate.ts';
import { createdRole, podOf, role, withRole } from './pods.ts';
import { recoveryTimeoutMs, registrationOf } from './registered-webhook.ts';

describeOnCluster('a webhook without permissions', (cluster, admin) => {
  test('says in /readyz which one it lacks, and goes on when it is granted, without a restart (E149)', async () => {
    const namespace = 'credentials-rbac';
    await createNamespace(admin, namespace);
    await using account = await createWebhookAccount(admin, cluster, { namespace, permissions: [] });
    await using webhook = await launchWebhook({
      apiServer: cluster.url,
      credentials: account.folder,
      flags: [`--namespace=${namespace}`, '--watch-config-map'],
    });
    const refusal = async (): Promise<string> => {
      const { status, body } = await webhook.ask('/readyz');
      const line = body.split('\n').find(line => line.startsWith('[-]identities failed: ')) ?? '';
      return status === 503 && /forbidden/.test(line) ? line : '';
    };
    const isRefused = async (resource: string): Promise<boolean> => (await refusal()).includes(`${resource}: `);
    for (const resource of ['serviceaccounts', 'configmaps']) {
      await waitFor(() => isRefused(resource), { what: `the reason about ${resource}` });
    }
    expect(await refusal()).toContain(
      `User "system:serviceaccount:${namespace}:irsa-webhook" cannot watch resource "serviceaccounts"`,
    );
    expect(await refusal()).toContain('the ClusterRole needs get, list and watch on serviceaccounts');
    expect(await refusal()).toContain(`the Role in namespace ${namespace} needs get, list and watch on configmaps`);

    await account.grant('serviceaccounts');
    const isMoved = async (): Promise<boolean> =>
      !(await refusal()).includes('serviceaccounts') && isRefused('configmaps');
    await waitFor(isMoved, { what: 'the ServiceAccounts', timeoutMs: recoveryTimeoutMs });
    await account.grant('configmaps');
    await waitFor(async () => (await webhook.ask('/readyz')).status === 200, {
      what: 'readiness',
      timeoutMs: recoveryTimeoutMs,
    });

    await using _ = await registerWebhook(admin, registrationOf(webhook, namespace));
    await createServiceAccount(admin, namespace, 'app', withRole('app'));
    expect(await createdRole(admin, namespace, { name: 'app', serviceAccount: 'app' })).toBe(role('app'));
  });
});

describeOnCluster('a webhook whose token is worth nothing any more', (cluster, admin) => {
  test('goes on with the new one, and serves what it knows while there is none', async () => {
    const namespace = 'credentials-token';
    const tenants = 'credentials-token-tenants';
    for (const name of [namespace, tenants]) await createNamespace(admin, name);
    await using account = await createWebhookAccount(admin, cluster, { namespace });
    /** A token is worth as much as the pod that it is bound to. */
    const useTokenOf = async (name: string): Promise<string> => {
      const { metadata } = podOf(await createPod(admin, namespace, { name, serviceAccount: 'irsa-webhook' }));
      const boundPod = { name, uid: metadata.uid };
      const token = await requestToken(admin, namespace, 'irsa-webhook', { boundPod });
      await writeMountedVolume(account.folder, { token, 'ca.crt': cluster.ca, namespace });
      return token;
    };
    const revoke = async (name: string, token: string): Promise<void> => {
      succeeded(await admin.delete(`/api/v1/namespaces/${namespace}/pods/${name}`));
      using client = connect({ ...cluster, token });
      // The API server remembers for some seconds that the token was good.
      const isRefused = async (): Promise<boolean> => (await client.get('/version')).status === 401;
      await waitFor(isRefused, { what: 'the token to be refused', timeoutMs: recoveryTimeoutMs });
    };
    /** A new account is read by a request of its own. */
    const expectFreshPodToGetItsRole = async (name: string): Promise<void> => {
      await createServiceAccount(admin, tenants, name, withRole(name));
      expect(await createdRole(admin, tenants, { name, serviceAccount: name })).toBe(role(name));
    };

    const first = await useTokenOf('first');
    await using gate = await startGate(cluster.url);
    await using webhook = await startWebhook({ apiServer: gate.url, credentials: account.folder });
    await using _ = await registerWebhook(admin, { ...registrationOf(webhook, namespace), namespaces: [tenants] });
    const second = await useTokenOf('second');
    await revoke('first', first);
    gate.cut();
    await expectFreshPodToGetItsRole('rotated');

    await revoke('second', second);
    gate.cut();
    const identities = async (): Promise<string> =>
      (await webhook.ask('/readyz')).body.split('\n').find(line => line.includes(']identities ')) ?? '';
    const isRefused = async (): Promise<boolean> =>
      (await identities()).startsWith('[+]identities ok, but degraded: serviceaccounts: Unauthorized');
    await waitFor(isRefused, { what: 'the refused watch', timeoutMs: recoveryTimeoutMs });
    const known = { name: 'known', serviceAccount: 'rotated' };
    expect(await createdRole(admin, tenants, known)).toBe(role('rotated'));

    await useTokenOf('third');
    await expectFreshPodToGetItsRole('recovered');
    const isWell = async (): Promise<boolean> => (await identities()) === '[+]identities ok';
    await waitFor(isWell, { what: 'the watch with the third token', timeoutMs: recoveryTimeoutMs });
  });
});
