import { at, textAt } from '../util/json.ts';
import type { KubernetesClient, WriteOptions } from './client.ts';
import { serviceAccountPath } from './paths.ts';

export interface TokenSpec {
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
}

/** What the API server answered. */
export interface GrantedToken {
  /** Undefined in an answer that is not what the API promises. */
  readonly token: string | undefined;
  /** The API server may have a maximum and give less than was asked for. */
  readonly expirationSeconds: number | undefined;
}

/** Asks for a token of this ServiceAccount, as the kubelet does for a projected volume. Rejects with KubernetesError. */
export async function requestToken(
  client: KubernetesClient,
  account: { readonly namespace: string; readonly name: string },
  spec: TokenSpec,
  options: WriteOptions,
): Promise<GrantedToken> {
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const answer = await client.create(`${serviceAccountPath(account.namespace, account.name)}/token`, request, options);
  const granted = at(answer, 'spec', 'expirationSeconds');
  return {
    token: textAt(answer, 'status', 'token'),
    expirationSeconds: typeof granted === 'number' ? granted : undefined,
  };
}
