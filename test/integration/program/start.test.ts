import { describe, expect, test } from 'vitest';
import { fakeToken } from '../../support/fake-api-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { WebhookProcess } from '../../support/webhook-process.ts';
import { annotations, roleArn, startProgram } from './program-on-fake-api.ts';
import { patchOf, post, reviewFor } from './reviews.ts';

/** Waits until /readyz has a line that looks like this. */
async function showsInReadyz(webhook: WebhookProcess, pattern: RegExp): Promise<void> {
  const isShown = async (): Promise<boolean> => {
    const { status, body } = await webhook.ask('/readyz');
    return status === 503 && body.split('\n').some(line => pattern.test(line));
  };
  await waitFor(isShown, { what: `${pattern} in /readyz`, timeoutMs: 30_000 });
}

describe('irsa serve', () => {
  test('becomes ready, and serves reviews, probes and metrics', async () => {
    await using program = await startProgram();
    const { webhook } = program;
    expect(await webhook.ask('/readyz')).toEqual({
      status: 200,
      body: '[+]certificate ok\n[+]identities ok\n[+]shutdown ok\n',
    });
    for (const path of ['/livez', '/healthz']) expect(await webhook.ask(path)).toEqual({ status: 200, body: 'ok' });
    expect(patchOf(await post(webhook, reviewFor('app')))).toContain(roleArn);
    expect(await webhook.metric('irsa_webhook_cache_synced{resource="serviceaccounts"}')).toBe(1);
    expect(await webhook.metric('irsa_webhook_containers_injected_total')).toBe(1);
    await webhook.logged({ msg: 'Starting.' });
  });

  test('is not ready before the first list is complete, but looks up who asks already (E45)', async () => {
    const listed = Promise.withResolvers<void>();
    await using program = await startProgram({
      untilReady: false,
      prepare: api => api.faults.plan('watch', { kind: 'hold', until: listed.promise }),
    });
    const { webhook, api } = program;
    await webhook.listening();
    expect(await webhook.ask('/readyz')).toEqual({
      status: 503,
      body: '[+]certificate ok\n[-]identities failed: serviceaccounts: not listed yet\n[+]shutdown ok\n',
    });
    expect((await webhook.ask('/livez')).status).toBe(200);
    expect(patchOf(await post(webhook, reviewFor('app')))).toContain(roleArn);
    expect(api.count('get')).toBe(1);
    listed.resolve();
    await webhook.ready();
  });

  test('waits for an API server that is absent, answers 503 meanwhile, and goes on when it is there (E13, E45)', async () => {
    await using program = await startProgram({ untilReady: false, prepare: api => api.down() });
    const { webhook, api } = program;
    await webhook.listening();
    await showsInReadyz(webhook, /^\[-\]identities failed: serviceaccounts: /);
    const refused = await post(webhook, reviewFor('app'));
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1', connection: 'close' } });
    expect(refused.body).toContain('ServiceAccount \\"ns/app\\"');
    api.up();
    await webhook.ready();
    expect(patchOf(await post(webhook, reviewFor('app')))).toContain(roleArn);
  });

  test('waits for its token, and says where it looks for it', async () => {
    await using program = await startProgram({ untilReady: false, withToken: false });
    const { webhook, writeToken } = program;
    await showsInReadyz(webhook, /^\[-\]identities failed: .*expected a ServiceAccount token at .*\/token: ENOENT/);
    await writeToken(fakeToken);
    await webhook.ready();
  });

  test('waits for a certificate that is missing at the start, and serves as soon as it is there (E141)', async () => {
    await using program = await startProgram({ untilReady: false, withCertificate: false });
    const { webhook } = program;
    await showsInReadyz(webhook, /^\[-\]certificate failed: ENOENT.*\/certs\/tls\.crt/);
    await showsInReadyz(webhook, /^\[\+\]identities ok$/);
    await webhook.logged({ level: 'error', msg: 'There is no certificate to serve with.' });
    await expect(post(webhook, reviewFor('app'))).rejects.toThrow();
    expect(webhook.isRunning()).toBe(true);
    await webhook.rotateCertificate();
    await webhook.ready();
    expect((await post(webhook, reviewFor('app'))).status).toBe(200);
  });

  test('waits for a certificate in the place of one that has expired (E141)', async () => {
    await using program = await startProgram({ untilReady: false, withCertificate: false });
    const { webhook } = program;
    await webhook.rotateCertificate(webhook.authority.issue({ notAfter: new Date(Date.now() - 60_000) }));
    await showsInReadyz(webhook, /^\[-\]certificate failed: .*expected a certificate valid at .*, found one until /);
    await webhook.rotateCertificate();
    await webhook.ready();
  });

  test('follows the mapping ConfigMap and the ServiceAccounts of its API server', async () => {
    await using program = await startProgram({
      flags: ['--watch-config-map', '--namespace=irsa'],
      prepare: api => {
        const config = JSON.stringify({ 'ns/mapped': { RoleARN: roleArn } });
        api.objects.put('configmaps', 'irsa', 'pod-identity-webhook', { data: { config } });
        api.objects.put('serviceaccounts', 'ns', 'mapped');
      },
    });
    const { webhook, api } = program;
    expect(patchOf(await post(webhook, reviewFor('mapped')))).toContain(roleArn);
    api.objects.put('serviceaccounts', 'ns', 'later', { annotations });
    const isKnown = async (): Promise<boolean> =>
      (await webhook.metric('irsa_webhook_cache_objects{resource="serviceaccounts"}')) === 2;
    await waitFor(isKnown, { what: 'the new ServiceAccount' });
  });
});
