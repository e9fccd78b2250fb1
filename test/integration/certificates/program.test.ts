import { once } from 'node:events';
import { connect, type PeerCertificate } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { configurationPath, FakeApi } from '../../certificates/self-managed/fake-api.ts';
import { namespace, serviceName } from '../../certificates/self-managed/running-authority.ts';
import { bundlesOf } from '../../certificates/self-managed/webhook-objects.ts';
import { launchWebhook, startWebhook, type WebhookProcess } from '../../support/webhook-process.ts';
import { waitFor } from '../../support/wait-for.ts';

const dayMs = 24 * 3_600_000;

function flagsFor(api: FakeApi): readonly string[] {
  return [
    `--kube-api=${api.connection('program').server.href}`,
    '--certificates=self-managed',
    `--namespace=${namespace}`,
    `--service-name=${serviceName}`,
    '--drain-period=0',
  ];
}

/** The certificate that a client gets who trusts exactly what is published, and knows the webhook by this name. */
async function servedTo(webhook: WebhookProcess, api: FakeApi, servername: string): Promise<PeerCertificate> {
  const [ca = ''] = bundlesOf(api.get(configurationPath) ?? {});
  const socket = connect({ host: '127.0.0.1', port: webhook.port, servername, ca });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate();
  } finally {
    socket.destroy();
  }
}

describe('irsa serve --certificates=self-managed', () => {
  test('is trusted by each of its names, needs no files, and says so in its metrics', async () => {
    await using api = await FakeApi.start();
    await using webhook = await startWebhook({ flags: flagsFor(api), withCertificate: false });
    const base = `${serviceName}.${namespace}`;
    for (const name of [serviceName, base, `${base}.svc`, `${base}.svc.cluster.local`])
      await servedTo(webhook, api, name);
    await expect(servedTo(webhook, api, `other.${namespace}.svc`)).rejects.toThrow(
      /does not match certificate's altnames/,
    );
    expect(await webhook.metric('irsa_webhook_ca_bundle_in_sync')).toBe(1);
    const ends = 'irsa_webhook_tls_certificate_not_after_timestamp_seconds';
    const nowSeconds = Date.now() / 1_000;
    expect(await webhook.metric(`${ends}{cert="serving"}`)).toBeCloseTo(nowSeconds + (7 * dayMs) / 1_000, -3);
    expect(await webhook.metric(`${ends}{cert="ca"}`)).toBeCloseTo(nowSeconds + (365 * dayMs) / 1_000, -3);
  });

  test('is not ready before its authority is published, and says what it waits for', async () => {
    await using api = await FakeApi.start();
    const configuration = api.get(configurationPath);
    api.set(configurationPath, undefined);
    await using webhook = await launchWebhook({ flags: flagsFor(api), withCertificate: false });
    const line = '[-]certificate failed: expected a MutatingWebhookConfiguration irsa-webhook, found none';
    await waitFor(async () => (await webhook.ask('/readyz')).body.includes(line), { what: line, timeoutMs: 30_000 });
    expect(await webhook.metric('irsa_webhook_ca_bundle_in_sync')).toBe(0);
    api.set(configurationPath, configuration);
    await webhook.ready();
  });

  test('goes by the clock of the API server, which is the one that verifies (fault 22)', async () => {
    await using api = await FakeApi.start();
    api.clockAheadMs = -3 * dayMs;
    await using webhook = await startWebhook({ flags: flagsFor(api), withCertificate: false });
    const { valid_from: from, valid_to: to } = await servedTo(webhook, api, `${serviceName}.${namespace}.svc`);
    expect(Date.parse(from)).toBeLessThan(Date.now() - 3 * dayMs);
    expect(Date.parse(to) - Date.now()).toBeLessThan(5 * dayMs);
  });

  test('leaves the series of the bundle out where certificates come from files', async () => {
    await using api = await FakeApi.start();
    const flags = flagsFor(api).filter(flag => !flag.startsWith('--certificates'));
    await using webhook = await startWebhook({ flags });
    expect(await webhook.metric('irsa_webhook_ca_bundle_in_sync')).toBeUndefined();
  });
});
