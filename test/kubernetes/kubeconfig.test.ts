import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { KubernetesClient } from '../../src/kubernetes/client.ts';
import { openKubeconfig } from '../../src/kubernetes/kubeconfig.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { now } from '../support/fake-api-server-connection.ts';
import { createFakeApiServer, fakeToken, type FakeApiServer } from '../support/fake-api-server.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';
import { createTempFolder } from '../support/temp-folder.ts';

type Fields = Readonly<Record<string, unknown>>;

/** JSON is YAML, which kubeconfigs are written in. */
function kubeconfig(server: string, cluster: Fields, user: Fields, context = 'main'): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: context, cluster: { server, ...cluster } }],
    users: [{ name: context, user }],
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    'current-context': context,
  });
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const trusting = (api: FakeApiServer): Fields => ({ 'certificate-authority-data': base64(api.ca) });

async function list(paths: readonly string[], server?: URL): Promise<unknown> {
  const connection = await openKubeconfig(paths, server);
  const client = new KubernetesClient(connection, { requestFinished: () => undefined }, now);
  return client.get('/api/v1/serviceaccounts', { timeoutMs: 5_000 });
}

describe('openKubeconfig()', () => {
  test('reaches the cluster of the current context with its token', async () => {
    await using api = await createFakeApiServer();
    await using folder = await createTempFolder();
    const path = await folder.write('config', kubeconfig(api.url.href, trusting(api), { token: fakeToken }));
    expect(await list([path])).toHaveProperty('items');
  });

  test('finds a CA file beside the kubeconfig', async () => {
    await using api = await createFakeApiServer();
    await using folder = await createTempFolder();
    await folder.write('ca.crt', api.ca);
    const cluster = { 'certificate-authority': 'ca.crt' };
    const path = await folder.write('config', kubeconfig(api.url.href, cluster, { token: fakeToken }));
    expect(await list([path])).toHaveProperty('items');
  });

  test('takes the URL of --kube-api instead of that of the cluster', async () => {
    await using api = await createFakeApiServer();
    await using folder = await createTempFolder();
    const text = kubeconfig('https://nowhere.invalid', trusting(api), { token: fakeToken });
    expect(await list([await folder.write('config', text)], api.url)).toHaveProperty('items');
  });

  test('takes from a list of files what the first that has it says', async () => {
    await using api = await createFakeApiServer();
    await using folder = await createTempFolder();
    const first = await folder.write('first', kubeconfig(api.url.href, trusting(api), { token: fakeToken }));
    const same = await folder.write('same', kubeconfig('https://nowhere.invalid', {}, {}));
    const other = await folder.write('other', kubeconfig('https://nowhere.invalid', {}, {}, 'other'));
    expect(await list([first, same, other])).toHaveProperty('items');
  });

  test('runs the exec plugin, and runs it again after a 401', async () => {
    await using api = await createFakeApiServer();
    await using folder = await createTempFolder();
    const tokenFile = await folder.write('token', fakeToken);
    const plugin = await folder.write(
      'plugin.mjs',
      `import { readFileSync } from 'node:fs';
      const token = readFileSync(${JSON.stringify(tokenFile)}, 'utf8');
      console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } }));`,
    );
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: [plugin] };
    const path = await folder.write('config', kubeconfig(api.url.href, trusting(api), { exec }));
    const connection = await openKubeconfig([path], undefined);
    const client = new KubernetesClient(connection, { requestFinished: () => undefined }, now);
    await client.get('/api/v1/serviceaccounts', { timeoutMs: 5_000 });
    api.tokens.clear();
    api.tokens.add('second-token');
    await folder.write('token', 'second-token');
    await client.get('/api/v1/serviceaccounts', { timeoutMs: 5_000 });
    expect(api.requests.map(request => request.token)).toEqual([fakeToken, fakeToken, 'second-token']);
  });

  test('runs the exec plugin once for all who ask at the same time', async () => {
    await using api = await createFakeApiServer();
    await using folder = await createTempFolder();
    const runs = await folder.write('runs', '');
    const plugin = await folder.write(
      'plugin.mjs',
      `import { appendFileSync } from 'node:fs';
      appendFileSync(${JSON.stringify(runs)}, 'x');
      const status = { token: ${JSON.stringify(fakeToken)} };
      console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }));`,
    );
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: [plugin] };
    const path = await folder.write('config', kubeconfig(api.url.href, trusting(api), { exec }));
    const connection = await openKubeconfig([path], undefined);
    await Promise.all(Array.from({ length: 10 }, () => connection.credentials()));
    expect(await readFile(runs, 'utf8')).toBe('x');
  });

  test('shows the client certificate', async () => {
    const authority = createCertificateAuthority();
    const serving = authority.issue({ hosts: ['127.0.0.1'] });
    const client = authority.issue({ commonName: 'jane' });
    const server = createServer({
      cert: serving.certificate,
      key: serving.key,
      ca: authority.certificate,
      requestCert: true,
    });
    const listening = await listenOnLoopback(server);
    await using folder = await createTempFolder();
    const cluster = { 'certificate-authority-data': base64(authority.certificate) };
    const user = { 'client-certificate-data': base64(client.certificate), 'client-key-data': base64(client.key) };
    const path = await folder.write('config', kubeconfig(`https://127.0.0.1:${listening.port}`, cluster, user));
    const listed = list([path]);
    const [request, response] = await once(server, 'request');
    const peer = request.socket instanceof TLSSocket ? request.socket.getPeerCertificate().subject.CN : 'none';
    response.end('{}');
    await listed;
    await listening.close();
    expect(peer).toBe('jane');
  });

  test.each([
    { name: 'no file', text: undefined, expected: 'a readable kubeconfig' },
    { name: 'no YAML', text: '{', expected: 'a readable kubeconfig' },
    { name: 'no current context', text: '{"clusters":[],"users":[],"contexts":[]}', expected: 'a current context' },
    { name: 'no URL', text: kubeconfig('nonsense', {}, {}), expected: 'a current context with the URL of its cluster' },
  ])('rejects with no_credentials and the path when there is $name', async ({ text, expected }) => {
    await using folder = await createTempFolder();
    const path = text === undefined ? `${folder.path}/config` : await folder.write('config', text);
    await expect(openKubeconfig([path], undefined)).rejects.toMatchObject({
      code: 'no_credentials',
      message: expect.stringContaining(`kubeconfig ${path}: expected ${expected}`),
    });
  });

  test('rejects with no_credentials when the exec plugin fails', async () => {
    await using api = await createFakeApiServer();
    await using folder = await createTempFolder();
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: `${folder.path}/missing` };
    const path = await folder.write('config', kubeconfig(api.url.href, trusting(api), { exec }));
    await expect(list([path])).rejects.toMatchObject({ code: 'no_credentials' });
  });
});
