import { hasCode, KubernetesError } from '../kubernetes/kubernetes-error.ts';

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

/** Whether RBAC refused, and not an admission plugin: both answer with status 403. */
export function isMissingRight(message: string): boolean {
  return onResource.test(message) || onPath.test(message);
}

/** What was read, or the right that the caller lacks. */
type Allowed<T> = { readonly value: T } | { readonly needs: string };

/** Reads what the caller may read. Rejects with every other KubernetesError. */
export async function ifAllowed<T>(read: () => Promise<T>): Promise<Allowed<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!(error instanceof KubernetesError) || !hasCode(error, 'forbidden')) throw error;
    return { needs: `needs ${neededRight(error.message)}` };
  }
}
