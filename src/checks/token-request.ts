import { requestToken } from '../kubernetes/token-request.ts';
import type { ClusterReader } from '../cluster/reader.ts';

/** The shortest life that the API server takes, in seconds. */
const expirationSeconds = 600;

/** A token as the kubelet projects it; it is never shown. Rejects with KubernetesError, `not_found` without such an account. */
export async function requestShortToken(
  { client, timeoutMs, signal }: ClusterReader,
  account: { readonly namespace: string; readonly name: string },
  audience: string,
): Promise<string> {
  const spec = { audiences: [audience], expirationSeconds };
  const { token } = await requestToken(client, account, spec, { timeoutMs, signal });
  return token ?? '';
}
