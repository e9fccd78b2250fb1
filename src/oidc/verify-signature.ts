import { compactVerify, createLocalJWKSet, errors, type JSONWebKeySet, type JWK } from 'jose';
import { ownString, type JsonObject } from '../util/json.ts';
import { acceptedAlgorithms } from './signing-key.ts';
import type { Remark } from './remark.ts';

export type SignatureRemarkCode =
  | 'signature_verified'
  | 'signature_invalid'
  | 'key_not_found'
  | 'signature_not_verified';

/**
 * Verifies the signature of a token by the keys of its issuer. `keysFrom` says where these come from. Never rejects for what is
 * wrong with token or keys.
 */
export async function verifySignature(
  token: string,
  keys: readonly JsonObject[],
  keysFrom: string,
): Promise<Remark<SignatureRemarkCode>> {
  try {
    await verifyWithAny(token, toKeySet(keys));
    return { code: 'signature_verified', severity: 'ok', text: `signature verified by a key of ${keysFrom}` };
  } catch (error) {
    // A key that is malformed or too weak is a DataError or TypeError of jose's.
    if (!(error instanceof Error)) throw error;
    return failure(error, keysFrom);
  }
}

/** Of several keys that fit, as for a token without `kid`, any may have signed. */
async function verifyWithAny(token: string, keySet: JSONWebKeySet): Promise<void> {
  const options = { algorithms: [...acceptedAlgorithms] };
  try {
    await compactVerify(token, createLocalJWKSet(keySet), options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      const verified = await compactVerify(token, key, options).catch(ignoreWrongSignature);
      if (verified !== undefined) return;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function ignoreWrongSignature(error: unknown): undefined {
  if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
}

/** Only the fields of public keys. */
function toKeySet(keys: readonly JsonObject[]): JSONWebKeySet {
  const names = ['kid', 'alg', 'use', 'crv', 'x', 'y', 'n', 'e'] as const;
  return {
    keys: keys.map((key): JWK => {
      const fields = names.flatMap(name => {
        const value = ownString(key, name);
        return value === undefined ? [] : [[name, value] as const];
      });
      return { kty: ownString(key, 'kty') ?? '', ...Object.fromEntries(fields) };
    }),
  };
}

function failure(error: Error, keysFrom: string): Remark<SignatureRemarkCode> {
  if (error instanceof errors.JWKSNoMatchingKey) {
    const hint = 'The issuer does not publish the key that the API server signs with.';
    const text = `signature: expected a key for the token's kid and alg in ${keysFrom}, found none`;
    return { code: 'key_not_found', severity: 'error', text, hint };
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    const text = `signature: expected one by a key of ${keysFrom}, found another: token or key are not the issuer's`;
    return { code: 'signature_invalid', severity: 'error', text };
  }
  return {
    code: 'signature_not_verified',
    severity: 'error',
    text: 'signature: cannot be verified',
    found: error.message,
  };
}
