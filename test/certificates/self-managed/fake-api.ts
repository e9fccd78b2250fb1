import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import fastJsonPatch from 'fast-json-patch';
import { createAgent, type Connection } from '../../../src/kubernetes/connection.ts';
import { isObject, ownObject, ownString, type JsonObject } from '../../../src/util/json.ts';
import { listenOnLoopback } from '../../support/listen-on-loopback.ts';
import { namespace, secretName } from './running-authority.ts';
import { configurationsPath, webhookConfiguration } from './webhook-objects.ts';

export const secretPath: string = `/api/v1/namespaces/${namespace}/secrets/${secretName}`;
export const configurationName = 'irsa-webhook';
export const configurationPath: string = `${configurationsPath}/${configurationName}`;

export interface FakeRequest {
  readonly replica: string;
  readonly method: string;
  readonly path: string;
}

/** What one request gets instead of its answer. */
interface Refusal {
  readonly status: number;
  readonly reason: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

/**
 * The part of an API server that the authority uses, on a real socket: two objects with resource versions, watches that tell
 * of changes, and what a test does to them. What decides is the suite on a real API server; this one can be slow, down and
 * wrong on request.
 */
export class FakeApi implements AsyncDisposable {
  readonly requests: FakeRequest[] = [];
  /** Awaited before a request is looked at. */
  before: (request: FakeRequest) => Promise<void> | void = () => undefined;
  /** Asked for each request. */
  refuse: (request: FakeRequest) => Refusal | undefined = () => undefined;
  /** Every state of the configuration that clients could know, oldest first. */
  readonly history: { readonly atMs: number; readonly configuration: JsonObject | undefined }[] = [];
  /** How far its clock, which it tells with every answer, is ahead of ours. */
  clockAheadMs = 0;
  readonly #objects = new Map<string, JsonObject>();
  readonly #watches = new Set<{ readonly list: string; readonly response: ServerResponse }>();
  readonly #url: URL;
  readonly #close: () => Promise<void>;
  #version = 0;

  private constructor(port: number, close: () => Promise<void>) {
    this.#url = new URL(`http://127.0.0.1:${port}`);
    this.#close = close;
  }

  /** With a configuration that has two entries of ours, and no Secret. */
  static async start(): Promise<FakeApi> {
    const server = createServer();
    const { port, close } = await listenOnLoopback(server);
    const api = new FakeApi(port, close);
    server.on('request', (request, response) => void api.#serve(request, response));
    api.set(configurationPath, webhookConfiguration(configurationName));
    return api;
  }

  /** How a replica of this name reaches it. */
  connection(replica: string): Connection {
    const credentials = Promise.resolve({ agent: createAgent(this.#url, {}), headers: { 'x-replica': replica } });
    return { server: this.#url, credentials: () => credentials, refresh: () => undefined };
  }

  get(path: string): JsonObject | undefined {
    return this.#objects.get(path);
  }

  /** Creates, replaces or deletes an object, as somebody else would. */
  set(path: string, object: JsonObject | undefined): void {
    this.#version += 1;
    const resourceVersion = String(this.#version);
    const before = this.#objects.get(path);
    if (object === undefined) this.#objects.delete(path);
    else this.#objects.set(path, { ...object, metadata: { ...ownObject(object, 'metadata'), resourceVersion } });
    if (path === configurationPath) this.history.push({ atMs: performance.now(), configuration: this.get(path) });
    const type = object === undefined ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED';
    this.#tell(path, { type, object: this.get(path) ?? { ...before, metadata: { resourceVersion } } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #tell(path: string, event: object): void {
    for (const { list, response } of this.#watches) {
      if (path.startsWith(`${list}/`)) response.write(`${JSON.stringify(event)}\n`);
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.#url);
    const { method = 'GET' } = request;
    const seen = { replica: String(request.headers['x-replica']), method, path: url.pathname };
    this.requests.push(seen);
    const body: unknown = method === 'GET' ? undefined : JSON.parse(await text(request));
    response.setHeader('date', new Date(Date.now() + this.clockAheadMs).toUTCString());
    await this.before(seen);
    const refusal = this.refuse(seen);
    if (refusal !== undefined) refuse(response, refusal);
    else if (url.searchParams.has('watch')) this.#watch(url.pathname, response);
    else this.#answer(method, url.pathname, body, response);
  }

  #watch(list: string, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    const metadata = {
      resourceVersion: String(this.#version),
      annotations: { 'k8s.io/initial-events-end': 'true' },
    };
    response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata } })}\n`);
    const watch = { list, response };
    this.#watches.add(watch);
    response.on('close', () => this.#watches.delete(watch));
  }

  #answer(method: string, path: string, body: unknown, response: ServerResponse): void {
    const target = method === 'POST' ? `${path}/${nameOf(body)}` : path;
    const existing = this.#objects.get(target);
    const refusal = refusalOf(method, existing, body);
    if (refusal !== undefined) {
      refuse(response, refusal);
      return;
    }
    if (method === 'PATCH') this.set(target, patched(existing, body));
    else if (method !== 'GET') this.set(target, isObject(body) ? body : {});
    answer(response, method === 'POST' ? 201 : 200, this.get(target) ?? {});
  }
}

function refusalOf(method: string, existing: JsonObject | undefined, body: unknown): Refusal | undefined {
  if (method === 'POST') return existing === undefined ? undefined : { status: 409, reason: 'AlreadyExists' };
  if (existing === undefined) return { status: 404, reason: 'NotFound' };
  if (method === 'PUT')
    return versionOf(body) === versionOf(existing) ? undefined : { status: 409, reason: 'Conflict' };
  return method === 'PATCH' && patched(existing, body) === undefined ? { status: 422, reason: 'Invalid' } : undefined;
}

/** Undefined when the patch does not apply. */
function patched(object: JsonObject | undefined, body: unknown): JsonObject | undefined {
  try {
    const operations = body as fastJsonPatch.Operation[];
    return fastJsonPatch.applyPatch<JsonObject>(structuredClone(object ?? {}), operations).newDocument;
  } catch {
    return undefined;
  }
}

function nameOf(object: unknown): string {
  return (isObject(object) && ownString(ownObject(object, 'metadata') ?? {}, 'name')) || '';
}

function versionOf(object: unknown): string | undefined {
  return isObject(object) ? ownString(ownObject(object, 'metadata') ?? {}, 'resourceVersion') : undefined;
}

function refuse(response: ServerResponse, { status, reason, retryAfter }: Refusal): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  answer(response, status, { reason, message: 'refused' });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Waits up to this long, at random, so that replicas see changes in any order. */
export function atRandom(mostMs: number): () => Promise<void> {
  return () => delay(Math.random() * mostMs);
}
