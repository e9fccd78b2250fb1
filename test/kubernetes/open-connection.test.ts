import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { KubernetesClient } from '../../src/kubernetes/client.ts';
import { openConnection, type ConnectionSettings } from '../../src/kubernetes/open-connection.ts';
import { now } from '../support/fake-api-server-connection.ts';
import { createFakeApiServer, fakeToken } from '../support/fake-api-server.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';
import { createTempFolder } from '../support/temp-folder.ts';

const settings: ConnectionSettings = {
  kubeconfigPaths: [],
  kubeApi: '',
  serviceHost: undefined,
  servicePort: undefined,
  tokenPath: '/nowhere/token',
  caPath: '/nowhere/ca.crt',
  now,
};

describe('openConnection()', () => {
  test('uses the environment and the files of a pod when there is no kubeconfig', async () => {
    await using api = await createFakeApiServer();
    await using folder = await createTempFolder();
    const connection = await openConnection({
      ...settings,
      serviceHost: api.url.hostname,
      servicePort: api.url.port,
      tokenPath: await folder.write('token', fakeToken),
      caPath: await folder.write('ca.crt', api.ca),
    });
    const client = new KubernetesClient(connection, { requestFinished: () => undefined }, now);
    expect(await client.get('/api/v1/serviceaccounts', { timeoutMs: 5_000 })).toHaveProperty('items');
  });

  test('takes the URL of --kube-api with the files of a pod', async () => {
    const connection = await openConnection({ ...settings, kubeApi: 'https://10.0.0.1:6443/prefix/' });
    expect(connection.server.href).toBe('https://10.0.0.1:6443/prefix/');
    await expect(connection.credentials()).rejects.toThrow('/nowhere/token');
  });

  test('keeps the path of the URL, and sends no token over plain HTTP', async () => {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      seen.push([request.url, request.headers.authorization]);
      response.end('{}');
    });
    const listening = await listenOnLoopback(server);
    const connection = await openConnection({ ...settings, kubeApi: `http://127.0.0.1:${listening.port}/k8s/c-1/` });
    const client = new KubernetesClient(connection, { requestFinished: () => undefined }, now);
    await client.get('/api/v1/serviceaccounts', { timeoutMs: 5_000, query: { limit: '5' } });
    await listening.close();
    expect(seen).toEqual([['/k8s/c-1/api/v1/serviceaccounts?limit=5', undefined]]);
  });

  test.each([
    { name: 'outside a pod and without a kubeconfig', change: {}, expected: 'KUBERNETES_SERVICE_HOST' },
    { name: 'for a URL that is none', change: { kubeApi: 'api:6443' }, expected: '--kube-api' },
    { name: 'for a URL of another kind', change: { kubeApi: 'ftp://api' }, expected: '--kube-api' },
  ])('rejects with no_credentials $name', async ({ change, expected }) => {
    await expect(openConnection({ ...settings, ...change })).rejects.toMatchObject({
      code: 'no_credentials',
      message: expect.stringContaining(expected),
    });
  });
});
