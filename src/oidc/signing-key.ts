import { createHash, createPublicKey, type KeyObject, type webcrypto } from 'node:crypto';
import { ownString, type JsonObject } from '../util/json.ts';

/** The algorithms with which kube-apiserver signs: of RSA only RS256, whatever the key's size. */
export type SigningAlgorithm = 'RS256' | 'ES256' | 'ES384' | 'ES512';

/** A key of a key set, its fields in the order of kube-apiserver. */
export type SigningJwk = JsonObject & { readonly kid: string; readonly alg: SigningAlgorithm };

const algorithmsOfCurves: ReadonlyMap<string | undefined, SigningAlgorithm> = new Map([
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
  ['secp521r1', 'ES512'],
]);

/** The algorithm of a public key; undefined for one that kube-apiserver cannot sign with. */
export function algorithmOf(key: KeyObject): SigningAlgorithm | undefined {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  return key.asymmetricKeyType === 'ec' ? algorithmsOfCurves.get(key.asymmetricKeyDetails?.namedCurve) : undefined;
}

/** The `kid` that Kubernetes gives a public key: SHA-256 of its SubjectPublicKeyInfo in DER, in base64url. */
export function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

/** The public key as kube-apiserver publishes it; undefined for one that it cannot sign with. */
export function toSigningJwk(key: KeyObject): SigningJwk | undefined {
  const alg = algorithmOf(key);
  if (alg === undefined) return undefined;
  const { kty, crv, x, y, n, e } = key.export({ format: 'jwk' });
  const kid = keyId(key);
  return alg === 'RS256' ? { use: 'sig', kty, kid, alg, n, e } : { use: 'sig', kty, kid, crv, alg, x, y };
}

/** The public key that a key of a key set stands for; undefined where it is malformed or of another kind. */
export function toPublicKey(jwk: JsonObject): KeyObject | undefined {
  // Only these fields: with `d` it would be a private key.
  const names = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const;
  const key: webcrypto.JsonWebKey = Object.fromEntries(names.map(name => [name, ownString(jwk, name)]));
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** With which AWS STS lets tokens be signed. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
export const acceptedAlgorithms: readonly string[] = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];
