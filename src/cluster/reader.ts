import type { KubernetesClient } from '../kubernetes/client.ts';
import { hasCode } from '../kubernetes/kubernetes-error.ts';
import { listPages } from '../kubernetes/list-pages.ts';
import type { JsonObject } from '../util/type-guards.ts';

/** A cluster that is only read. */
export interface ClusterReader {
  readonly client: KubernetesClient;
  /** For one request, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** As kubectl and client-go have it. */
const pageSize = 500;

/** All objects of the list at this path that the selectors name. Rejects with KubernetesError. */
export async function listObjects(
  { client, timeoutMs, signal }: ClusterReader,
  path: string,
  query: { readonly labelSelector?: string; readonly fieldSelector?: string } = {},
): Promise<readonly JsonObject[]> {
  let objects: JsonObject[] = [];
  const handler = {
    begin: () => {
      objects = [];
    },
    item: (object: JsonObject) => objects.push(object),
    commit: () => undefined,
  };
  await listPages(client, { kind: undefined, path, query }, handler, {
    timeoutMs,
    pageSize,
    signal,
  });
  return objects;
}

/** The object at this path; undefined where there is none. Rejects with KubernetesError. */
export async function readOrUndefined(
  { client, timeoutMs, signal }: ClusterReader,
  path: string,
): Promise<JsonObject | undefined> {
  try {
    return await client.get(path, { timeoutMs, signal });
  } catch (error) {
    if (hasCode(error, 'not_found')) return undefined;
    throw error;
  }
}

/** The lines of a text at this path, such as a page of metrics, one at a time. Rejects with KubernetesError. */
export async function* readLines(
  { client, timeoutMs, signal }: ClusterReader,
  path: string,
): AsyncGenerator<string, void, undefined> {
  const options = { query: {}, signal, silenceMs: () => timeoutMs, onContact: () => undefined };
  for await (const line of client.lines(path, options)) yield line.toString('utf8');
}
