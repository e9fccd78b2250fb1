import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Credentials } from '../../src/kubernetes/connection.ts';
import { openKubeconfig } from '../../src/kubernetes/kubeconfig.ts';
import { isObject, type JsonObject } from '../../src/util/json.ts';
import type { KubernetesAnswer, KubernetesClient } from '../support/cluster/client.ts';

/** The tests' client, with whatever credentials a kubeconfig gives: token, client certificate, exec plugin. */
export interface KubeconfigClient extends KubernetesClient {
  /** Of the API server, without a slash at its end. */
  readonly url: string;
}

/** Nothing is sent after the signal. Rejects with one clear line when the kubeconfig cannot be used. */
export async function connectByKubeconfig(path: string, signal?: AbortSignal): Promise<KubeconfigClient> {
  const connection = await openKubeconfig([path], undefined);
  // It may have a path, as behind a proxy for several clusters.
  const url = connection.server.href.replace(/\/$/, '');
  if (!url.startsWith('https:')) throw new Error(`kubeconfig ${path}: expected an https server, found ${url}`);
  const call = async (call: Call): Promise<KubernetesAnswer> => {
    signal?.throwIfAborted();
    return send(url + call.path, await connection.credentials(), call);
  };
  return {
    url,
    get: (path, options) => call({ method: 'GET', path, ...options }),
    create: (path, body, options) => call({ method: 'POST', path, body, ...options }),
    replace: (path, body, options) => call({ method: 'PUT', path, body, ...options }),
    patch: (path, type, body, options) =>
      call({ method: 'PATCH', path, body, contentType: `application/${type}+json`, ...options }),
    delete: (path, options) => call({ method: 'DELETE', path, ...options }),
    [Symbol.dispose]: () => undefined,
  };
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly contentType?: string;
  readonly dryRun?: boolean;
  readonly token?: string;
}

async function send(
  url: string,
  credentials: Credentials,
  { method, body, contentType = 'application/json', dryRun = false, token }: Call,
): Promise<KubernetesAnswer> {
  const target = new URL(url);
  if (dryRun) target.searchParams.set('dryRun', 'All');
  const headers = {
    accept: 'application/json, */*', // the issuer's keys have a type of their own
    ...credentials.headers,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': contentType }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(target, { agent: credentials.agent, method, headers }, resolve)
      .on('error', cause => reject(new Error(`${method} ${url} failed`, { cause })))
      .end(body && JSON.stringify(body));
  });
  return { status: response.statusCode ?? 0, body: parseBody(await text(response)), warnings: [] };
}

function parseBody(body: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(body);
    if (isObject(parsed)) return parsed;
  } catch {
    // Not JSON, such as the page of a proxy in between.
  }
  return { message: body };
}
