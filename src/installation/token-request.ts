import { objectPath } from '../kubernetes/paths.ts';
import { ownObject, ownString } from '../util/type-guards.ts';
import { namespacedPath, type ClusterReader } from './cluster-reader.ts';

/** The shortest life that the API server takes, in seconds. */
const expirationSeconds = 600;

/** A token as the kubelet projects it; it is never shown. Rejects with KubernetesError, `not_found` without such an account. */
export async function requestToken(
  { client, timeoutMs, signal }: ClusterReader,
  account: { readonly namespace: string; readonly name: string },
  audience: string,
): Promise<string> {
  const path = `${objectPath(namespacedPath('serviceaccounts', account.namespace), account.name)}/token`;
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [audience], expirationSeconds },
  };
  const answer = await client.create(path, request, { timeoutMs, signal });
  return ownString(ownObject(answer, 'status') ?? {}, 'token') ?? '';
}
