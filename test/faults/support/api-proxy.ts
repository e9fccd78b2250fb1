import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterAccess } from '../../support/cluster/cluster-files.ts';
import { startGate, type Gate } from '../../apiserver/gate.ts';
import { createCertificateAuthority } from '../../support/certificates.ts';
import { listenOnLoopback } from '../../support/listen-on-loopback.ts';

/** What is answered in place of the API server. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly retryAfterSeconds?: number;
}

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly isWatch: boolean;
  readonly token: string;
}

/** Stands between the webhook and the real API server, and lets happen what cannot be asked of that. */
export interface ApiProxy extends AsyncDisposable {
  readonly url: string;
  /** PEM of the authority of its certificate. */
  ca: string;
  /** Cuts, shuts and freezes the connections to it. */
  readonly gate: Gate;
  /** Added to each answer. */
  delayMs: number;
  /** Added to the clock of the API server, as the webhook sees it. */
  clockAheadMs: number;
  /** Answers in place of the API server where it gives something. */
  refuse: (request: ApiRequest) => Refusal | undefined;
  /** Held back until it resolves. */
  hold: (request: ApiRequest) => Promise<void> | undefined;
  /** All requests so far. */
  readonly requests: readonly (ApiRequest & { readonly atMs: number })[];
  /** Nothing comes on the open watches any more, as from a peer that has vanished; new requests are served. */
  freezeWatches(): void;
  /** Ends each open watch with the event that etcd's compaction causes. */
  expireWatches(): void;
  /** Serves with a certificate of a new authority from now on, and cuts what was connected by the old one. */
  replaceAuthority(): void;
}

export async function startApiProxy(cluster: ClusterAccess): Promise<ApiProxy> {
  const authority = createCertificateAuthority({ commonName: 'proxy' });
  const issued = authority.issue();
  const agent = new Agent({ ca: cluster.ca, keepAlive: true });
  const watches = new Map<ServerResponse, IncomingMessage>();
  const requests: (ApiRequest & { atMs: number })[] = [];
  const server = createServer({ cert: issued.certificate, key: issued.key });
  const { port, close } = await listenOnLoopback(server);
  const gate = await startGate(`https://127.0.0.1:${port}`);
  const proxy: ApiProxy = {
    ...{ url: gate.url, ca: authority.certificate, gate, requests, delayMs: 0, clockAheadMs: 0 },
    refuse: () => undefined,
    hold: () => undefined,
    freezeWatches() {
      for (const [response, answer] of watches) answer.unpipe(response).resume();
    },
    expireWatches() {
      for (const [response, answer] of watches) {
        answer.unpipe(response).resume();
        response.end(`${JSON.stringify(expiredEvent)}\n`);
      }
    },
    replaceAuthority() {
      const next = createCertificateAuthority({ commonName: 'next proxy' });
      const { certificate: cert, key } = next.issue();
      proxy.ca = next.certificate;
      server.setSecureContext({ cert, key });
      gate.cut();
    },
    async [Symbol.asyncDispose]() {
      await gate[Symbol.asyncDispose]();
      await close();
      agent.destroy();
    },
  };
  server.on('request', (incoming, outgoing) => {
    const asked = readRequest(incoming);
    requests.push({ ...asked, atMs: performance.now() });
    outgoing.on('close', () => watches.delete(outgoing));
    const answered = (answer: IncomingMessage): void => {
      if (asked.isWatch) watches.set(outgoing, answer);
    };
    serve(proxy, asked, { incoming, outgoing, cluster, agent, answered }).catch(() => outgoing.destroy());
  });
  return proxy;
}

const expiredStatus = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', code: 410 };
const expiredEvent = { type: 'ERROR', object: { ...expiredStatus, message: 'too old resource version' } };

function readRequest({ method = 'GET', url = '/', headers }: IncomingMessage): ApiRequest {
  const { pathname, searchParams } = new URL(url, 'https://localhost');
  const token = (headers.authorization ?? '').replace('Bearer ', '');
  return { method, path: pathname, isWatch: searchParams.has('watch'), token };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly cluster: ClusterAccess;
  readonly agent: Agent;
  readonly answered: (answer: IncomingMessage) => void;
}

async function serve(proxy: ApiProxy, asked: ApiRequest, exchange: Exchange): Promise<void> {
  await proxy.hold(asked);
  if (proxy.delayMs > 0) await delay(proxy.delayMs);
  const refusal = proxy.refuse(asked);
  if (refusal === undefined) return pass(proxy, exchange);
  const { status, reason, retryAfterSeconds } = refusal;
  const body = JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code: status });
  exchange.outgoing.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  });
  exchange.outgoing.end(body);
}

async function pass(proxy: ApiProxy, { incoming, outgoing, cluster, agent, answered }: Exchange): Promise<void> {
  const { method, headers } = incoming;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request(new URL(incoming.url ?? '/', cluster.url), { agent, method, headers }, resolve);
  sent.on('error', reject);
  outgoing.on('close', () => sent.destroy());
  incoming.pipe(sent);
  const answer = await promise;
  answer.on('error', () => outgoing.destroy());
  outgoing.writeHead(answer.statusCode ?? 502, inItsTime(answer.headers, proxy.clockAheadMs));
  outgoing.flushHeaders();
  answer.pipe(outgoing);
  answered(answer);
}

function inItsTime(headers: OutgoingHttpHeaders, aheadMs: number): OutgoingHttpHeaders {
  return { ...headers, date: new Date(Date.now() + aheadMs).toUTCString() };
}
