import { isObject, ownField, ownList, ownString, parseJson, type JsonObject } from '../util/json.ts';
import { OidcError } from './finding.ts';

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
