import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { KubernetesClient } from '../../src/kubernetes/client.ts';
import { openConnection } from '../../src/kubernetes/open-connection.ts';
import type { ClusterReader } from '../../src/cluster/reader.ts';
import { isObject, type JsonObject } from '../../src/util/json.ts';
import { pathFor } from '../apiserver/object-path.ts';
import type { KubernetesObject } from '../chart/helm.ts';
import { listenOnLoopback, type LoopbackServer } from '../support/listen-on-loopback.ts';

export interface CannedAnswer {
  readonly status: number;
  /** Text where it is a string, else JSON. */
  readonly body: unknown;
}

interface Posted {
  readonly path: string;
  readonly body: JsonObject;
  readonly query: URLSearchParams;
}

/** An API server that holds objects of any kind, and answers the rest as a test says. Plain HTTP, no authentication. */
export class CannedApiServer implements AsyncDisposable {
  readonly objects: KubernetesObject[];
  /** Answers by path, which win over objects. */
  readonly answers: Map<string, CannedAnswer> = new Map();
  /** Answers to what is created; the first that has one counts. */
  readonly creations: ((posted: Posted) => CannedAnswer | undefined)[] = [];
  /** What may not be read: beginnings of paths. */
  readonly forbidden: string[] = [];
  /** Methods and paths, in order. */
  readonly requests: string[] = [];
  readonly url: string;
  readonly #listening: LoopbackServer;

  private constructor(objects: readonly KubernetesObject[], listening: LoopbackServer) {
    this.objects = [...objects];
    this.#listening = listening;
    this.url = `http://127.0.0.1:${listening.port}`;
  }

  static async start(objects: readonly KubernetesObject[]): Promise<CannedApiServer> {
    const server = createServer();
    const api = new CannedApiServer(objects, await listenOnLoopback(server));
    server.on('request', (request, response) => void api.#serve(request, response));
    return api;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#listening.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const method = request.method ?? '';
    this.requests.push(`${method} ${pathname}`);
    const body = await text(request);
    const answer = this.#answer(method, pathname, searchParams, body);
    const isText = typeof answer.body === 'string';
    response
      .writeHead(answer.status, { 'content-type': isText ? 'text/plain' : 'application/json' })
      .end(isText ? answer.body : JSON.stringify(answer.body));
  }

  #answer(method: string, path: string, query: URLSearchParams, body: string): CannedAnswer {
    if (this.forbidden.some(beginning => path.startsWith(beginning))) {
      const verb = method === 'POST' ? 'post' : 'get';
      return status(403, 'Forbidden', `forbidden: User "reader" cannot ${verb} path "${path}"`);
    }
    if (method === 'POST') {
      const posted = { path, body: objectOf(body), query };
      const [answer] = this.creations.flatMap(create => create(posted) ?? []);
      return answer ?? status(405, 'MethodNotAllowed', `nothing is created at ${path}`);
    }
    return this.answers.get(path) ?? this.#read(path, query);
  }

  #read(path: string, query: URLSearchParams): CannedAnswer {
    const named = this.objects.find(object => `${pathFor(object)}/${object.metadata.name}` === path);
    if (named !== undefined) return { status: 200, body: named };
    if (!listPath.test(path)) return status(404, 'NotFound', `${path} not found`);
    const items = this.objects.filter(object => isListed(object, path) && isSelected(object, query));
    return { status: 200, body: { kind: listKind(path), metadata: { resourceVersion: '1' }, items } };
  }
}

/** Of all that the API has, lists are asked for by group, version, namespace where there is one, and resource. */
const listPath = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+(?=\/))?\/[^/]+$/;

/** Of the lists whose kind is looked at. */
function listKind(path: string): string {
  if (path.endsWith('/serviceaccounts')) return 'ServiceAccountList';
  return path.endsWith('/pods') ? 'PodList' : 'List';
}

/** A list of the whole cluster has the objects of all namespaces. */
function isListed(object: KubernetesObject, path: string): boolean {
  const own = pathFor(object);
  return own === path || own.replace(/\/namespaces\/[^/]+/, '') === path;
}

function isSelected({ metadata }: KubernetesObject, query: URLSearchParams): boolean {
  const labels = isObject(metadata['labels']) ? metadata['labels'] : {};
  return (query.get('labelSelector') ?? '')
    .split(',')
    .filter(term => term !== '')
    .every(term => labels[term.split('=')[0] ?? ''] === term.split('=')[1]);
}

function objectOf(body: string): JsonObject {
  const parsed: unknown = JSON.parse(body);
  return isObject(parsed) ? parsed : {};
}

function status(code: number, reason: string, message: string): CannedAnswer {
  return { status: code, body: { kind: 'Status', status: 'Failure', code, reason, message } };
}

/** Our own client of it, as commands have it. */
export async function readerOf(api: { readonly url: string }): Promise<ClusterReader> {
  const connection = await openConnection({
    kubeconfigPaths: [],
    kubeApi: api.url,
    serviceHost: undefined,
    servicePort: undefined,
    tokenPath: '',
    caPath: '',
    now: () => performance.now(),
  });
  const client = new KubernetesClient(connection, { requestFinished: () => undefined }, () => performance.now());
  return { client, timeoutMs: 10_000, signal: new AbortController().signal };
}
