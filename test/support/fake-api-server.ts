import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createCertificateAuthority } from './certificates.ts';
import { FakeFaults, type FakeFault, type FakeVerb } from './fake-api-server-faults.ts';
import { FakeObjects, kindOf, type FakeObject, type FakeResource } from './fake-api-server-objects.ts';
import { FakeWatches } from './fake-api-server-watches.ts';
import { listenOnLoopback, type LoopbackServer } from './listen-on-loopback.ts';

export interface FakeApiServerOptions {
  /** False: streaming lists are refused, as where the feature gate WatchList is off. */
  readonly streamsLists?: boolean;
  readonly bookmarkMs?: number;
}

export interface FakeRequest {
  readonly verb: FakeVerb;
  readonly resource: FakeResource;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string | undefined;
  readonly atMs: number;
}

interface Target {
  readonly verb: FakeVerb;
  readonly resource: FakeResource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfter?: number;
}

/** The token that is accepted until a test says otherwise. */
export const fakeToken = 'first-token';

export async function createFakeApiServer(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
  const authority = createCertificateAuthority();
  const { certificate, key } = authority.issue({ hosts: ['127.0.0.1'] });
  const server = createServer({ cert: certificate, key });
  return new FakeApiServer(server, await listenOnLoopback(server), authority.certificate, options);
}

/** A small API server on a real TLS socket: ServiceAccounts and ConfigMaps, lists, watches, and faults on request. */
export class FakeApiServer implements AsyncDisposable {
  readonly url: URL;
  /** PEM of the CA that its certificate chains to. */
  readonly ca: string;
  readonly objects: FakeObjects = new FakeObjects();
  readonly faults: FakeFaults = new FakeFaults();
  readonly watches: FakeWatches;
  readonly requests: FakeRequest[] = [];
  /** Bearer tokens that are let in. */
  readonly tokens: Set<string> = new Set([fakeToken]);
  /** Requests that are being answered now, and the most there were at a time. */
  readonly inFlight: { now: number; most: number } = { now: 0, most: 0 };
  /** Connections accepted so far. */
  connections = 0;
  readonly #server: Server;
  readonly #listening: LoopbackServer;
  readonly #streamsLists: boolean;
  readonly #sockets = new Set<Socket>();
  readonly #forbidden = new Set<string>();
  readonly #pages = new Map<string, { readonly items: readonly FakeObject[]; readonly version: number }>();
  #down = false;

  constructor(server: Server, listening: LoopbackServer, ca: string, options: FakeApiServerOptions) {
    this.#server = server;
    this.#listening = listening;
    this.ca = ca;
    this.url = new URL(`https://127.0.0.1:${listening.port}`);
    this.watches = new FakeWatches(this.objects, options.bookmarkMs ?? 60_000);
    this.#streamsLists = options.streamsLists ?? true;
    server.on('connection', (socket: Socket) => this.#accept(socket));
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** The API server is gone: its connections break and new ones are refused. */
  down(): void {
    this.#down = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  up(): void {
    this.#down = false;
  }

  /** RBAC without this verb on this resource. */
  forbid(verb: FakeVerb, resource: FakeResource): void {
    this.#forbidden.add(`${verb} ${resource}`);
  }

  allowAll(): void {
    this.#forbidden.clear();
  }

  /** Continue tokens given so far answer 410. */
  expireContinueTokens(): void {
    this.#pages.clear();
  }

  /** Serves with a new certificate from now on. */
  replaceCertificate(certificate: string, key: string): void {
    this.#server.setSecureContext({ cert: certificate, key });
  }

  count(verb: FakeVerb, resource: FakeResource = 'serviceaccounts'): number {
    return this.requests.filter(request => request.verb === verb && request.resource === resource).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening.close();
  }

  #accept(socket: Socket): void {
    if (this.#down) {
      socket.destroy();
      return;
    }
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const target = targetOf(url);
    if (target === undefined) {
      send(response, status(404, 'NotFound', `the server could not find ${url.pathname}`));
      return;
    }
    const token = request.headers.authorization?.replace('Bearer ', '');
    const { verb, resource } = target;
    this.requests.push({ verb, resource, path: url.pathname, query: url.searchParams, token, atMs: performance.now() });
    this.inFlight.now += 1;
    this.inFlight.most = Math.max(this.inFlight.most, this.inFlight.now);
    response.on('close', () => {
      this.inFlight.now -= 1;
    });
    const refused = this.#refuse(target, url.searchParams, token);
    const fault = this.faults.take(verb);
    if (refused !== undefined) send(response, refused);
    else if (verb === 'watch') this.#watch(target, url.searchParams, response, fault);
    else await answer(response, this.#read(target, url.searchParams), fault);
  }

  #refuse({ verb, resource }: Target, query: URLSearchParams, token: string | undefined): Answer | undefined {
    if (token === undefined || !this.tokens.has(token)) return status(401, 'Unauthorized', 'Unauthorized');
    if (this.#forbidden.has(`${verb} ${resource}`)) {
      const user = 'User "system:serviceaccount:irsa:webhook"';
      const message = `${resource} is forbidden: ${user} cannot ${verb} resource "${resource}" in API group ""`;
      return status(403, 'Forbidden', message);
    }
    if (!query.has('sendInitialEvents')) return undefined;
    if (!this.#streamsLists) return status(422, 'Invalid', 'sendInitialEvents is forbidden for watch');
    const isComplete = query.get('resourceVersionMatch') === 'NotOlderThan' && query.has('allowWatchBookmarks');
    return isComplete ? undefined : status(422, 'Invalid', 'resourceVersionMatch is required');
  }

  #watch(target: Target, query: URLSearchParams, response: ServerResponse, fault: FakeFault | undefined): void {
    if (fault === undefined)
      this.watches.serve({ resource: target.resource, selects: selector(target, query), query }, response);
    else void answer(response, { status: 200, body: '' }, fault);
  }

  #read(target: Target, query: URLSearchParams): Answer {
    if (target.verb === 'list') return this.#list(target, query);
    const { resource, namespace = '', name = '' } = target;
    const object = this.objects.get(resource, namespace, name);
    return object === undefined
      ? status(404, 'NotFound', `${resource} "${name}" not found`)
      : { status: 200, body: { kind: kindOf[resource], apiVersion: 'v1', ...object } };
  }

  #list(target: Target, query: URLSearchParams): Answer {
    const token = query.get('continue');
    const [pages, start] = token?.split(':') ?? [String(this.#pages.size + 1), '0'];
    if (token === null) {
      const items = this.objects.list(target.resource, selector(target, query));
      this.#pages.set(String(pages), { items, version: this.objects.version });
    }
    const snapshot = this.#pages.get(String(pages));
    if (snapshot === undefined) return status(410, 'Expired', 'The provided continue parameter is too old');
    const from = Number(start);
    const to = from + Number(query.get('limit') ?? Number.POSITIVE_INFINITY);
    const more = to < snapshot.items.length ? { continue: `${pages}:${to}` } : {};
    const metadata = { resourceVersion: String(snapshot.version), ...more };
    const kind = `${kindOf[target.resource]}List`;
    return { status: 200, body: { kind, apiVersion: 'v1', metadata, items: snapshot.items.slice(from, to) } };
  }
}

function targetOf(url: URL): Target | undefined {
  const match = /^\/api\/v1\/(?:namespaces\/([^/]+)\/)?(serviceaccounts|configmaps)(?:\/([^/]+))?$/.exec(url.pathname);
  if (match === null) return undefined;
  const [, namespace, resource, name] = match.map(part => (part === undefined ? part : decodeURIComponent(part)));
  if (resource !== 'serviceaccounts' && resource !== 'configmaps') return undefined;
  const verb = name === undefined ? (url.searchParams.get('watch') === 'true' ? 'watch' : 'list') : 'get';
  return { verb, resource, namespace, name };
}

function selector({ namespace }: Target, query: URLSearchParams): (object: FakeObject) => boolean {
  const name = query.get('fieldSelector')?.replace('metadata.name=', '');
  return ({ metadata }) =>
    (namespace === undefined || metadata.namespace === namespace) && (name === undefined || metadata.name === name);
}

function status(code: number, reason: string, message: string, retryAfter?: number): Answer {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code };
  return { status: code, body, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

function send(response: ServerResponse, { status, body, retryAfter }: Answer): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}

async function answer(response: ServerResponse, right: Answer, fault: FakeFault | undefined): Promise<void> {
  switch (fault?.kind) {
    case undefined:
      return send(response, right);
    case 'status':
      return send(response, status(fault.status, fault.reason ?? '', fault.message ?? 'fault', fault.retryAfter));
    case 'hang':
      return;
    case 'hold':
      await fault.until;
      return send(response, right);
    case 'delay':
      await delay(fault.ms);
      return send(response, right);
    case 'cut':
      response.destroy();
      return;
    case 'cut_body':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"metadata":', () => response.destroy());
      return;
    case 'body':
      return send(response, { status: 200, body: fault.body });
  }
}
