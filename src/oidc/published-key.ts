import { ownField, ownString, type JsonObject, isObject, ownList, parseJson } from '../util/json.ts';
import { acceptedAlgorithms, toPublicKey } from './signing-key.ts';
import { type Remark, OidcError } from './remark.ts';

/** What is shown of a published key. Texts are somebody else's. */
export interface PublishedKey {
  readonly kid: string | undefined;
  readonly kty: string | undefined;
  readonly alg: string | undefined;
  /** For example `RSA 2048` or `P-256`; undefined for a key that cannot be read. */
  readonly size: string | undefined;
}

export type KeyRemarkCode =
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
export function checkKeys(keys: readonly JsonObject[]): readonly Remark<KeyRemarkCode>[] {
  return [...keys.flatMap(checkKey), ...checkRepeated(keys)];
}

function checkKey(jwk: JsonObject, index: number): readonly Remark<KeyRemarkCode>[] {
  const where = `key ${index + 1}`;
  const kid = ownString(jwk, 'kid');
  const remarks: Remark<KeyRemarkCode>[] = [];
  const add = (code: KeyRemarkCode, severity: 'warning' | 'error', text: string, found?: string): void => {
    remarks.push({ code, severity, text: `${where}: ${text}`, ...(found === undefined ? {} : { found }) });
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
  return remarks;
}

/** The same key may be published twice, as kube-apiserver does; another one under the same `kid` hides it. */
function checkRepeated(keys: readonly JsonObject[]): readonly Remark<KeyRemarkCode>[] {
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

/** The keys of a key set, as they were published. */
export interface KeySet {
  readonly keys: readonly JsonObject[];
}

/** More keys than AWS reads: 100 of each kind. */
const maxKeys = 200;

/** A JSON Web Key Set (RFC 7517 section 5) in text. Throws OidcError `invalid_key_set`; `where` is its file or URL. */
export function parseKeySet(text: string, where: string): KeySet {
  return readKeySet(parseJson(text), where);
}

/** A JSON Web Key Set that is parsed already. Throws OidcError `invalid_key_set`. */
export function readKeySet(value: unknown, where: string): KeySet {
  if (!isObject(value) || !Array.isArray(ownField(value, 'keys'))) {
    throw invalid(`${where}: expected a JSON Web Key Set, an object with the list "keys", found none`);
  }
  const listed = ownList(value, 'keys');
  const keys = listed.filter(isObject);
  if (keys.length !== listed.length || keys.some(key => ownString(key, 'kty') === undefined)) {
    throw invalid(`${where}: expected every key to be an object with "kty", found another`);
  }
  if (keys.length > maxKeys) throw invalid(`${where}: expected at most ${maxKeys} keys, found ${keys.length}`);
  return { keys };
}

function invalid(text: string): OidcError {
  return new OidcError('invalid_key_set', { text });
}
