import type { KubernetesClient } from '../kubernetes/client.ts';
import { hasCode, KubernetesError } from '../kubernetes/kubernetes-error.ts';
import { gatherPages } from '../kubernetes/list-pages.ts';
import { labelsOf } from '../kubernetes/objects.ts';
import { objectPath } from '../kubernetes/paths.ts';
import type { JsonObject } from '../util/json.ts';

/** A cluster that is only read. */
export interface ClusterReader {
  readonly client: KubernetesClient;
  /** For one request, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Objects in a page, as kubectl and client-go have it. */
export const usualPageSize = 500;

/** All objects of the list at this path that the selectors name. Rejects with KubernetesError. */
export async function listObjects(
  { client, timeoutMs, signal }: ClusterReader,
  path: string,
  query: { readonly labelSelector?: string; readonly fieldSelector?: string } = {},
): Promise<readonly JsonObject[]> {
  const listed = { kind: undefined, path, query };
  const gathering = {
    begin: (): JsonObject[] => [],
    add: (objects: JsonObject[], object: JsonObject) => void objects.push(object),
  };
  return gatherPages(client, listed, gathering, { timeoutMs, pageSize: usualPageSize, signal });
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

/** The labels of a namespace; undefined where it does not exist. Rejects with KubernetesError. */
export async function readNamespaceLabels(cluster: ClusterReader, namespace: string): Promise<JsonObject | undefined> {
  const object = await readOrUndefined(cluster, objectPath('/api/v1/namespaces', namespace));
  return object && labelsOf(object);
}

/**
 * True when the namespace does not exist, so that a list of its objects is empty without a word. False for a caller who may not
 * read namespaces. Rejects with KubernetesError.
 */
export async function isMissingNamespace(cluster: ClusterReader, namespace: string): Promise<boolean> {
  const read = await ifAllowed(() => readNamespaceLabels(cluster, namespace));
  return 'value' in read && read.value === undefined;
}

/** The lines of a text at this path, such as a page of metrics, one at a time. Rejects with KubernetesError. */
export async function* readLines(
  { client, timeoutMs, signal }: ClusterReader,
  path: string,
): AsyncGenerator<string, void, undefined> {
  const options = { query: {}, signal, silenceMs: () => timeoutMs, onContact: () => undefined };
  for await (const line of client.lines(path, options)) yield line.toString('utf8');
}

/** What was read, or the API server's words for the right that the caller lacks. */
export type Allowed<T> = { readonly value: T } | { readonly refusal: string };

/** Reads what the caller may read. Rejects with every KubernetesError but `forbidden`. */
export async function ifAllowed<T>(read: () => Promise<T>): Promise<Allowed<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!(error instanceof KubernetesError) || !hasCode(error, 'forbidden')) throw error;
    return { refusal: error.message };
  }
}

const onResource =
  /cannot (?<verb>[a-z]+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/;
const onPath = /cannot (?<verb>[a-z]+) path "(?<path>[^"]+)"/;

/**
 * The right that RBAC refused, from the API server's message, as in `get on secrets in irsa-system`; the message itself where
 * it has another form. https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go
 */
export function neededRight(message: string): string {
  const { verb, resource, group, namespace, path } = {
    ...onPath.exec(message)?.groups,
    ...onResource.exec(message)?.groups,
  };
  if (verb === undefined) return message;
  if (resource === undefined) return `${verb} on the path ${path}`;
  const kind = group === undefined || group === '' ? resource : `${resource}.${group}`;
  return `${verb} on ${kind}${namespace === undefined ? '' : ` in ${namespace}`}`;
}

/** True when RBAC refused, and not an admission plugin: both answer with status 403. */
export function isMissingRight(message: string): boolean {
  return onResource.test(message) || onPath.test(message);
}
