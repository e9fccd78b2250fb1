import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type KubernetesClient } from '../support/cluster/client.ts';
import { startCluster, type Cluster } from '../support/cluster/cluster.ts';
import { createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { waitFor } from '../support/wait-for.ts';
import { annotate, createdRole, currentRole, role, withRole } from './pods.ts';
import { recoveryTimeoutMs, runRegisteredWebhook, type RunningWebhook } from './registered-webhook.ts';

describeOnCluster('an API server that is restarted', () => {
  const namespace = 'restart';
  let cluster: Cluster;
  let admin: KubernetesClient;
  let running: RunningWebhook;

  beforeAll(async () => {
    cluster = await startCluster();
    admin = connect({ ...cluster, token: cluster.adminToken });
    running = await runRegisteredWebhook(admin, cluster, { namespace });
    await createServiceAccount(admin, namespace, 'known', withRole('known'));
    await createServiceAccount(admin, namespace, 'changed');
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    admin[Symbol.dispose]();
    await cluster.stop();
  });

  test('finds the webhook in service, with what it knew and with what has changed since (E44)', async () => {
    await cluster.stopApiServer();
    const isDegraded = async (): Promise<boolean> =>
      (await running.webhook.ask('/readyz')).body.includes('degraded: serviceaccounts: ');
    await waitFor(isDegraded, { what: 'the degraded state', timeoutMs: recoveryTimeoutMs });
    expect((await running.webhook.ask('/readyz')).status).toBe(200);

    await cluster.startApiServer();
    await annotate(admin, namespace, 'changed', withRole('changed'));
    await createServiceAccount(admin, namespace, 'new', withRole('new'));
    for (const name of ['changed', 'new', 'known']) {
      expect(await createdRole(admin, namespace, { name, serviceAccount: name })).toBe(role(name));
    }

    const isHealthy = async (): Promise<boolean> =>
      (await running.webhook.ask('/readyz')).body.includes('[+]identities ok\n');
    await waitFor(isHealthy, { what: 'the watch', timeoutMs: recoveryTimeoutMs });
    await annotate(admin, namespace, 'known', withRole('later'));
    const isLater = async (): Promise<boolean> => (await currentRole(admin, namespace, 'known')) === role('later');
    await waitFor(isLater, { what: 'the watch to tell of the change', timeoutMs: recoveryTimeoutMs });
    expect(running.webhook.isRunning()).toBe(true);
  });
});
