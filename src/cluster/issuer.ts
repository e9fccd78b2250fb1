import { readDiscovery, type Discovery } from '../oidc/documents.ts';
import { readKeySet } from '../oidc/published-key.ts';
import { discoveryPath, keySetPath } from '../oidc/issuer-url.ts';
import type { JsonObject } from '../util/json.ts';
import type { ClusterReader } from './reader.ts';

/** Reads the discovery document that the API server publishes. Rejects with KubernetesError or OidcError. */
export async function readClusterDiscovery({ client, timeoutMs, signal }: ClusterReader): Promise<Discovery> {
  return readDiscovery(await client.get(discoveryPath, { timeoutMs, signal }), discoveryPath);
}

/** Reads the keys that the API server publishes. Rejects with KubernetesError or OidcError. */
export async function readClusterKeys({ client, timeoutMs, signal }: ClusterReader): Promise<readonly JsonObject[]> {
  return readKeySet(await client.get(keySetPath, { timeoutMs, signal }), keySetPath).keys;
}
