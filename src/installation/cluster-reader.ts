import type { KubernetesClient } from '../kubernetes/client.ts';
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
    itemDeleted: () => undefined,
    commit: () => undefined,
    applied: () => undefined,
  };
  await listPages(client, { resource: path, path, query, permissionHint: '' }, handler, {
    timeoutMs,
    pageSize,
    signal,
  });
  return objects;
}

/** The path of a list in a namespace, for the core group or another one such as `apps/v1`. Every part is escaped. */
export function namespacedPath(resource: string, namespace: string, groupVersion?: string): string {
  const base = groupVersion === undefined ? '/api/v1' : `/apis/${groupVersion}`;
  return `${base}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
}
