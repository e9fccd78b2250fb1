import { ownField, ownString, type JsonObject } from '../util/json.ts';
import { acceptedAlgorithms } from './accepted-algorithms.ts';
import type { Finding } from './finding.ts';
import { toPublicKey } from './signing-key.ts';

/** What is shown of a published key. Texts are somebody else's. */
export interface PublishedKey {
  readonly kid: string | undefined;
  readonly kty: string | undefined;
  readonly alg: string | undefined;
  /** For example `RSA 2048` or `P-256`; undefined for a key that cannot be read. */
  readonly size: string | undefined;
}

export type KeyFindingCode =
  | 'key_malformed'
  | 'key_without_kid'
  | 'key_algorithm_not_accepted'
  | 'key_not_for_signatures'
  | 'private_key_published'
  | 'kid_repeated';

const curveNames: ReadonlyMap<string, string> = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
]);

/** The facts of a key, for a person. */
export function describeKey(jwk: JsonObject): PublishedKey {
  const { namedCurve = '', modulusLength } = toPublicKey(jwk)?.asymmetricKeyDetails ?? {};
  const curve = curveNames.get(namedCurve) ?? (namedCurve || undefined);
  return {
    kid: ownString(jwk, 'kid'),
    kty: ownString(jwk, 'kty'),
    alg: ownString(jwk, 'alg'),
    size: modulusLength === undefined ? curve : `RSA ${modulusLength}`,
  };
}

/** What of the published keys STS cannot use, and what should not be there. */
export function checkKeys(keys: readonly JsonObject[]): readonly Finding<KeyFindingCode>[] {
  return [...keys.flatMap(checkKey), ...checkRepeated(keys)];
}

function checkKey(jwk: JsonObject, index: number): readonly Finding<KeyFindingCode>[] {
  const where = `key ${index + 1}`;
  const kid = ownString(jwk, 'kid');
  const findings: Finding<KeyFindingCode>[] = [];
  const add = (code: KeyFindingCode, severity: 'warning' | 'error', text: string, found?: string): void => {
    findings.push({ code, severity, text: `${where}: ${text}`, ...(found === undefined ? {} : { found }) });
  };
  if (ownField(jwk, 'd') !== undefined) {
    add(
      'private_key_published',
      'error',
      'expected a public key, found a private one: replace it, everybody can sign with it',
    );
  }
  if (toPublicKey(jwk) === undefined)
    add('key_malformed', 'error', 'expected an RSA or ECDSA public key', ownString(jwk, 'kty'));
  if (kid === undefined)
    add('key_without_kid', 'error', 'expected a "kid", found none: STS looks for the one of the token');
  const { alg, use } = { alg: ownString(jwk, 'alg'), use: ownString(jwk, 'use') };
  if (alg !== undefined && !acceptedAlgorithms.includes(alg)) {
    add(
      'key_algorithm_not_accepted',
      'warning',
      `expected "alg" to be one that STS takes (${acceptedAlgorithms.join(', ')})`,
      alg,
    );
  }
  if (use !== undefined && use !== 'sig') add('key_not_for_signatures', 'warning', 'expected "use" to be "sig"', use);
  return findings;
}

/** The same key may be published twice, as kube-apiserver does; another one under the same `kid` hides it. */
function checkRepeated(keys: readonly JsonObject[]): readonly Finding<KeyFindingCode>[] {
  const materials = new Map<string, Set<string>>();
  for (const jwk of keys) {
    const kid = ownString(jwk, 'kid');
    // Without one, or with the empty one of tokens before Kubernetes 1.16, several keys are in order.
    if (kid === undefined || kid === '') continue;
    materials.set(kid, (materials.get(kid) ?? new Set()).add(materialOf(jwk)));
  }
  return [...materials].flatMap(([kid, different]) => {
    if (different.size === 1) return [];
    const text = `expected one key for each "kid", found ${different.size} for one`;
    return [{ code: 'kid_repeated', severity: 'error', text, found: kid }];
  });
}

/** Equal for the same public key, whatever else its entry says. */
export function materialOf(jwk: JsonObject): string {
  return JSON.stringify(['kty', 'crv', 'x', 'y', 'n', 'e'].map(name => ownString(jwk, name) ?? null));
}
