import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { KubernetesClient } from '../../src/kubernetes/client.ts';
import { openKubeconfig, type KubeconfigChoice } from '../../src/kubernetes/kubeconfig.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';
import { createTempFolder } from '../support/temp-folder.ts';

interface Sent {
  readonly path: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly namespace: string | undefined;
}

/** What arrives at a server when this is chosen of a kubeconfig with two contexts, clusters and users. */
async function send(choice: KubeconfigChoice): Promise<Sent> {
  const server = createServer();
  const listening = await listenOnLoopback(server);
  await using folder = await createTempFolder();
  const origin = `http://127.0.0.1:${listening.port}`;
  const path = await folder.write('config', kubeconfig(origin));
  const connection = await openKubeconfig([path], undefined, choice);
  const client = new KubernetesClient(connection, { requestFinished: () => undefined }, () => performance.now());
  const answer = client.get('/api', { timeoutMs: 5_000 });
  const [request, response] = await once(server, 'request');
  response.end('{}');
  await answer;
  await listening.close();
  return { path: request.url, headers: request.headers, namespace: connection.namespace };
}

function kubeconfig(origin: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: ['one', 'two'].map(name => ({
      name,
      cluster: { server: `${origin}/${name}`, 'insecure-skip-tls-verify': true },
    })),
    users: ['ann', 'bob'].map(name => ({ name, user: { token: name } })),
    contexts: [
      { name: 'first', context: { cluster: 'one', user: 'ann', namespace: 'red' } },
      { name: 'second', context: { cluster: 'two', user: 'bob' } },
    ],
    'current-context': 'first',
  });
}

describe('openKubeconfig() with a choice', () => {
  test.each<{ choice: KubeconfigChoice; path: string; token: string; namespace: string | undefined }>([
    { choice: {}, path: '/one/api', token: 'ann', namespace: 'red' },
    { choice: { context: 'second' }, path: '/two/api', token: 'bob', namespace: undefined },
    { choice: { cluster: 'two' }, path: '/two/api', token: 'ann', namespace: 'red' },
    { choice: { user: 'bob' }, path: '/one/api', token: 'bob', namespace: 'red' },
    { choice: { context: 'second', cluster: 'one' }, path: '/one/api', token: 'bob', namespace: undefined },
  ])('goes to $path as $token for $choice', async ({ choice, path, token, namespace }) => {
    const sent = await send(choice);
    expect(sent).toMatchObject({ path, namespace });
    expect(sent.headers['authorization']).toBe(`Bearer ${token}`);
    expect(sent.headers).not.toHaveProperty('impersonate-user');
  });

  test('acts as another user, a member of groups', async () => {
    const { headers } = await send({ impersonate: { user: 'eve', groups: ['dev', 'ops'] } });
    expect(headers).toMatchObject({ 'impersonate-user': 'eve', 'impersonate-group': 'dev, ops' });
  });

  test.each<{ choice: KubeconfigChoice; expected: string }>([
    { choice: { context: 'third' }, expected: 'expected a context named "third", found none' },
    { choice: { cluster: 'three' }, expected: 'expected a cluster named "three", found none' },
    { choice: { user: 'carl' }, expected: 'expected a user named "carl", found none' },
  ])('rejects with no_credentials when $choice is not there', async ({ choice, expected }) => {
    await using folder = await createTempFolder();
    const path = await folder.write('config', kubeconfig('http://127.0.0.1:1'));
    await expect(openKubeconfig([path], undefined, choice)).rejects.toMatchObject({
      code: 'no_credentials',
      message: `kubeconfig ${path}: ${expected}`,
    });
  });
});
