import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { toSigningJwk, type SigningJwk } from '../../src/oidc/signing-key.ts';

export type Curve = 'P-256' | 'P-384' | 'P-521';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** As Kubernetes publishes it. */
  readonly jwk: SigningJwk;
}

export function ecKeyPair(curve: Curve = 'P-256'): KeyPair {
  return withJwk(generateKeyPairSync('ec', { namedCurve: curve }));
}

export function rsaKeyPair(modulusLength = 2048): KeyPair {
  return withJwk(generateKeyPairSync('rsa', { modulusLength }));
}

function withJwk({ publicKey, privateKey }: Omit<KeyPair, 'jwk'>): KeyPair {
  const jwk = toSigningJwk(publicKey);
  if (jwk === undefined) throw new TypeError('expected a key that Kubernetes can sign with');
  return { publicKey, privateKey, jwk };
}

/** PEM of a public key. */
export function publicPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' });
}

/** PEM of a private key in the form of its own kind, as kube-apiserver reads it. */
export function privatePem(key: KeyObject): string {
  return key.export({ type: key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs1', format: 'pem' });
}
