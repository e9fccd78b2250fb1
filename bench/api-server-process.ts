/**
 * A small API server with ServiceAccounts, in a process of its own so that its cost is not counted. The bench forks it; by
 * hand it serves a webhook that is to be measured by AGAINST:
 *
 *     node bench/api-server-process.ts FOLDER
 *
 * writes `kubeconfig` and `serviceaccount/` there, the latter as a pod has it, and runs until it is ended.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { createCertificateAuthority } from '../test/support/certificates.ts';
import { listenOnLoopback } from '../test/support/listen-on-loopback.ts';
import { writeMountedVolume } from '../test/support/mounted-volume.ts';
import { createServiceAccounts } from './service-accounts.ts';

const accounts = createServiceAccounts(1_000);
/** Newer than that of every account. */
const listVersion = '100000';
/** About as often as the real one. */
const bookmarkMs = 60_000;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new TypeError('expected the folder to write credentials to');
// Only a forked process has a channel: the bench is gone, however it ended, and needs its folder no more.
process.on('disconnect', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit();
});
await serve(folder);

async function serve(folder: string): Promise<void> {
  const token = randomBytes(32).toString('base64url');
  const authority = createCertificateAuthority();
  const { certificate, key } = authority.issue({ hosts: ['127.0.0.1'] });
  const server = createServer({ cert: certificate, key }, (request, response) => {
    if (request.headers.authorization === `Bearer ${token}`) answer(request, response);
    else sendStatus(response, 401, 'Unauthorized');
  });
  const { port } = await listenOnLoopback(server);
  const ca = authority.certificate;
  await writeMountedVolume(join(folder, 'serviceaccount'), { token, 'ca.crt': ca });
  await writeFile(join(folder, 'kubeconfig'), kubeconfig(port, ca, token));
  if (process.send === undefined) console.log(`https://127.0.0.1:${port}, ${join(folder, 'kubeconfig')}`);
  else process.send({ port });
}

function kubeconfig(port: number, ca: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [
      {
        name: 'bench',
        cluster: {
          server: `https://127.0.0.1:${port}`,
          'certificate-authority-data': Buffer.from(ca).toString('base64'),
        },
      },
    ],
    users: [{ name: 'bench', user: { token } }],
  });
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'https://localhost');
  if (url.pathname === '/api/v1/serviceaccounts') {
    if (url.searchParams.get('watch') === null) sendList(url.searchParams, response);
    else sendWatch(url.searchParams, response);
    return;
  }
  const [, namespace, name] = /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)$/.exec(url.pathname) ?? [];
  const found = accounts.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  if (found === undefined) sendStatus(response, 404, 'NotFound');
  else sendJson(response, 200, found);
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks */
function sendList(query: URLSearchParams, response: ServerResponse): void {
  const from = Number(query.get('continue') ?? 0);
  const to = from + (Number(query.get('limit')) || accounts.length);
  const more = to < accounts.length ? { continue: String(to) } : {};
  const metadata = { resourceVersion: listVersion, ...more };
  sendJson(response, 200, {
    kind: 'ServiceAccountList',
    apiVersion: 'v1',
    metadata,
    items: accounts.slice(from, to),
  });
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists */
function sendWatch(query: URLSearchParams, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  if (query.get('sendInitialEvents') === 'true') {
    response.write(accounts.map(account => event('ADDED', account)).join(''));
    response.write(bookmark({ annotations: { 'k8s.io/initial-events-end': 'true' } }));
  }
  const bookmarks = setInterval(() => response.write(bookmark({})), bookmarkMs);
  response.on('close', () => clearInterval(bookmarks));
}

function bookmark(metadata: { readonly annotations?: { readonly [name: string]: string } }): string {
  const object = { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { resourceVersion: listVersion, ...metadata } };
  return event('BOOKMARK', object);
}

function event(type: 'ADDED' | 'BOOKMARK', object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function sendStatus(response: ServerResponse, code: number, reason: string): void {
  sendJson(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: reason, reason, code });
}

function sendJson(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
