import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { waitFor } from '../support/wait-for.ts';
import { startGate, type Gate } from './gate.ts';
import { annotate, createdRole, currentRole, role, roleAnnotation, withRole } from './pods.ts';
import { recoveryTimeoutMs, runRegisteredWebhook, type RunningWebhook } from './registered-webhook.ts';

/** Longer than an account counts as new. */
const settledMs = 6_500;

describeOnCluster('a webhook whose watch is lost', (cluster, admin) => {
  const namespace = 'lost-watch';
  let gate: Gate;
  let running: RunningWebhook;

  beforeAll(async () => {
    gate = await startGate(cluster.url);
    running = await runRegisteredWebhook(admin, cluster, {
      namespace,
      apiServer: gate.url,
      flags: ['--silent-watch-timeout=5s'],
    });
    await createServiceAccount(admin, namespace, 'known', withRole('known'));
    for (const name of ['cut', 'shut', 'frozen']) await createServiceAccount(admin, namespace, name);
    await delay(settledMs);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await gate[Symbol.asyncDispose]();
  });

  const restarts = async (): Promise<number> => {
    const { body } = await running.webhook.ask('/metrics');
    const lines = body.split('\n').filter(line => line.startsWith('irsa_webhook_watch_restarts_total{'));
    return lines.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
  };
  const health = async (): Promise<string> => (await running.webhook.ask('/readyz')).body;

  test('reads the account when it was annotated at the moment of the cut (E41, E44)', async () => {
    gate.cut();
    await annotate(admin, namespace, 'cut', withRole('cut'));
    expect(await createdRole(admin, namespace, { name: 'cut', serviceAccount: 'cut' })).toBe(role('cut'));
  });

  test('has pods wait, within their time-out, until the API server can be asked again (E13, E44)', async () => {
    gate.shut();
    await annotate(admin, namespace, 'shut', withRole('shut'));
    const pod = createdRole(admin, namespace, { name: 'shut', serviceAccount: 'shut' });
    // What is known is still given, and it stays in service for that.
    expect(await createdRole(admin, namespace, { name: 'known', serviceAccount: 'known' })).toBe(role('known'));
    await waitFor(async () => (await health()).includes('degraded: serviceaccounts: '), {
      what: 'the degraded state',
      timeoutMs: recoveryTimeoutMs,
    });
    expect((await running.webhook.ask('/readyz')).status).toBe(200);
    gate.open();
    expect(await pod).toBe(role('shut'));
    await waitFor(async () => (await health()).includes('[+]identities ok\n'), {
      what: 'the healthy state',
      timeoutMs: recoveryTimeoutMs,
    });
  });

  test('notices a peer that has vanished by its silence, and follows again (E44)', async () => {
    const before = await restarts();
    gate.freeze();
    await waitFor(async () => (await restarts()) > before, {
      what: 'the end of the silent watch',
      timeoutMs: recoveryTimeoutMs,
    });
    gate.open();
    await annotate(admin, namespace, 'frozen', withRole('frozen'));
    expect(await createdRole(admin, namespace, { name: 'frozen', serviceAccount: 'frozen' })).toBe(role('frozen'));
    await annotate(admin, namespace, 'frozen', { [roleAnnotation]: role('later') });
    const isLater = async (): Promise<boolean> => (await currentRole(admin, namespace, 'frozen')) === role('later');
    await waitFor(isLater, { what: 'the watch to tell of the change', timeoutMs: recoveryTimeoutMs });
  });
});
