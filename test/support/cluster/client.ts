import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { isObject, type JsonObject } from '../../../src/util/json.ts';

export interface ClientOptions {
  /** `https://host:port` */
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  /** Without it requests are anonymous. */
  readonly token?: string;
}

export interface KubernetesAnswer {
  readonly status: number;
  readonly body: JsonObject;
  /** The texts of the `Warning` headers, which kubectl shows to its user. */
  readonly warnings: readonly string[];
}

export interface CallOptions {
  readonly dryRun?: boolean;
  /** Instead of the client's own. */
  readonly token?: string;
}

type PatchType = 'json-patch' | 'merge-patch' | 'strategic-merge-patch';

/** A small client of the API server for tests. It gives every answer, also refusals; only a broken connection throws. */
export interface KubernetesClient extends Disposable {
  get(path: string, options?: CallOptions): Promise<KubernetesAnswer>;
  create(path: string, body: object, options?: CallOptions): Promise<KubernetesAnswer>;
  replace(path: string, body: object, options?: CallOptions): Promise<KubernetesAnswer>;
  patch(path: string, type: PatchType, body: object, options?: CallOptions): Promise<KubernetesAnswer>;
  delete(path: string, options?: CallOptions): Promise<KubernetesAnswer>;
}

export function connect({ url, ca, token }: ClientOptions): KubernetesClient {
  const agent = new Agent({ ca, keepAlive: true });
  const call = (
    method: string,
    path: string,
    { dryRun = false, ...options }: CallOptions & Body,
  ): Promise<KubernetesAnswer> => {
    const target = new URL(path, url);
    if (dryRun) target.searchParams.set('dryRun', 'All');
    return send(agent, target, { method, ...(token !== undefined && { token }), ...options });
  };
  return {
    get: (path, options) => call('GET', path, { ...options }),
    create: (path, body, options) => call('POST', path, { ...options, body }),
    replace: (path, body, options) => call('PUT', path, { ...options, body }),
    patch: (path, type, body, options) =>
      call('PATCH', path, { ...options, body, contentType: `application/${type}+json` }),
    delete: (path, options) => call('DELETE', path, { ...options }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** Gives the answer when it is a success, else throws with the API server's own message. */
export function succeeded(answer: KubernetesAnswer): KubernetesAnswer {
  if (answer.status < 300) return answer;
  throw new Error(`expected a success from the API server, found ${answer.status}: ${String(answer.body['message'])}`);
}

interface Body {
  readonly body?: object;
  readonly contentType?: string;
}

interface Call extends Body {
  readonly method: string;
  readonly token?: string;
}

async function send(
  agent: Agent,
  url: URL,
  { method, token, body, contentType = 'application/json' }: Call,
): Promise<KubernetesAnswer> {
  const headers = {
    accept: 'application/json, */*', // the issuer's keys have a type of their own
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': contentType }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent, method, headers }, resolve)
      .on('error', reject)
      .end(body && JSON.stringify(body));
  });
  return { status: response.statusCode ?? 0, body: parseBody(await text(response)), warnings: readWarnings(response) };
}

/** Some paths, such as /readyz, answer in plain text: that becomes the message. */
function parseBody(body: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(body);
    if (isObject(parsed)) return parsed;
  } catch {
    // Not JSON.
  }
  return { message: body };
}

/** `299 - "text"`, with backslash escapes (RFC 7234 section 5.5). */
function readWarnings(response: IncomingMessage): string[] {
  return (response.headersDistinct['warning'] ?? []).flatMap(header =>
    Array.from(header.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g), ([, quoted = '']) =>
      quoted.replaceAll(/\\(.)/g, '$1'),
    ),
  );
}
