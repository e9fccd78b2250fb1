import { goJson } from '../go/json.ts';
import type { JsonObject } from '../util/json.ts';
import { ownString } from '../util/json.ts';

/** The two documents of an issuer, byte for byte as kube-apiserver serves them. */
export interface IssuerDocuments {
  readonly discovery: string;
  readonly keySet: string;
}

export interface DiscoveryOptions {
  readonly issuer: string;
  readonly jwksUri: string;
  /** The keys of the key set, whose algorithms are listed; without any, RS256 is. */
  readonly keys: readonly JsonObject[];
}

/**
 * The discovery document. IAM needs only these fields of those that OpenID Connect requires.
 * https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/serviceaccount/openidmetadata.go
 */
export function discoveryDocument({ issuer, jwksUri, keys }: DiscoveryOptions): string {
  return goJson({
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: keys.length === 0 ? ['RS256'] : algorithmsOf(keys),
  });
}

/** Sorted, each once. */
function algorithmsOf(keys: readonly JsonObject[]): readonly string[] {
  return [...new Set(keys.flatMap(key => ownString(key, 'alg') ?? []))].sort();
}

export interface KeySetOptions {
  /**
   * Adds each key once more with an empty `kid`. STS takes a token without `kid`, as Kubernetes before 1.16 made them, for one
   * whose `kid` is empty. https://github.com/aws/amazon-eks-pod-identity-webhook/issues/12
   */
  readonly legacyEmptyKid: boolean;
}

/** The key set. A key that is given twice is published twice, as by kube-apiserver. */
export function keySetDocument(keys: readonly JsonObject[], { legacyEmptyKid }: KeySetOptions): string {
  return goJson({ keys: legacyEmptyKid ? [...keys, ...keys.map(key => ({ ...key, kid: '' }))] : keys });
}
