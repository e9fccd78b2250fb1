import { chmod } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createFakeApiServer, fakeToken, type FakeApiServer } from '../../support/fake-api-server.ts';
import { createTempFolder } from '../../support/temp-folder.ts';
import { startWebhook, type WebhookProcessOptions } from '../../support/webhook-process.ts';
import { annotations, roleArn } from './program-on-fake-api.ts';
import { patchOf, post, reviewFor } from './reviews.ts';

async function createApi(): Promise<FakeApiServer> {
  const api = await createFakeApiServer();
  api.objects.put('serviceaccounts', 'ns', 'app', { annotations });
  return api;
}

/** A kubeconfig for the API server with this user. JSON is YAML too. */
function kubeconfigFor(api: FakeApiServer, user: object): string {
  const cluster = { server: api.url.origin, 'certificate-authority-data': Buffer.from(api.ca).toString('base64') };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'fake', cluster }],
    users: [{ name: 'me', user }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'me' } }],
    'current-context': 'fake',
  });
}

async function expectToServe(api: FakeApiServer, options: WebhookProcessOptions): Promise<void> {
  await using webhook = await startWebhook(options);
  expect(patchOf(await post(webhook, reviewFor('app')))).toContain(roleArn);
  expect(api.requests.every(({ token }) => token === fakeToken)).toBe(true);
}

describe('irsa serve', () => {
  test('reaches the API server as the file of --kubeconfig says', async () => {
    await using api = await createApi();
    await using folder = await createTempFolder();
    const kubeconfig = await folder.write('config', kubeconfigFor(api, { token: fakeToken }));
    await expectToServe(api, { flags: [`--kubeconfig=${kubeconfig}`] });
  });

  test('reaches the API server as KUBECONFIG says, which may name several files', async () => {
    await using api = await createApi();
    await using folder = await createTempFolder();
    const { users, ...rest } = JSON.parse(kubeconfigFor(api, { token: fakeToken }));
    const head = { apiVersion: 'v1', kind: 'Config' };
    const paths = [
      await folder.write('users', JSON.stringify({ ...head, users })),
      await folder.write('rest', JSON.stringify(rest)),
    ];
    await expectToServe(api, { environment: { KUBECONFIG: paths.join(delimiter) } });
  });

  test('prefers --kube-api and --kube-credentials-path to KUBECONFIG (E221)', async () => {
    await using api = await createApi();
    await using folder = await createTempFolder();
    const kubeconfig = await folder.write('config', 'not a kubeconfig');
    await folder.write('token', fakeToken);
    await folder.write('ca.crt', api.ca);
    await expectToServe(api, {
      flags: [`--kube-api=${api.url.origin}`, `--kube-credentials-path=${folder.path}`],
      environment: { KUBECONFIG: kubeconfig },
    });
  });

  test('prefers the kubeconfig to what a pod has', async () => {
    await using api = await createApi();
    await using folder = await createTempFolder();
    const kubeconfig = await folder.write('config', kubeconfigFor(api, { token: fakeToken }));
    await expectToServe(api, { apiServer: 'https://127.0.0.1:1', environment: { KUBECONFIG: kubeconfig } });
  });

  test('gets its token from an exec plugin, and a new one when the old one is refused', async () => {
    await using api = await createApi();
    await using folder = await createTempFolder();
    const token = await folder.write('token', fakeToken);
    const plugin = join(folder.path, 'plugin');
    const credential =
      '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}';
    await folder.write('plugin', `#!/bin/sh\nprintf '${credential}' "$(cat "$1")"\n`);
    await chmod(plugin, 0o755);
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: plugin,
      args: [token],
      interactiveMode: 'Never',
    };
    const kubeconfig = await folder.write('config', kubeconfigFor(api, { exec }));
    await using webhook = await startWebhook({ flags: [`--kubeconfig=${kubeconfig}`] });
    expect(patchOf(await post(webhook, reviewFor('app')))).toContain(roleArn);

    await folder.write('token', 'second-token');
    api.tokens.clear();
    api.tokens.add('second-token');
    api.objects.put('serviceaccounts', 'ns', 'new', { annotations });
    api.watches.cut();
    expect(patchOf(await post(webhook, reviewFor('new')))).toContain(roleArn);
    expect(webhook.output()).not.toContain('second-token');
  });
});
