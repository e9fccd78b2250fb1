import { isObject, ownList, ownString, parseJson } from '../util/json.ts';
import { OidcError } from './finding.ts';

/** What a discovery document says; fields that are missing or of another type are undefined. */
export interface Discovery {
  readonly issuer: string | undefined;
  readonly jwksUri: string | undefined;
  /** `id_token_signing_alg_values_supported` */
  readonly algorithms: readonly string[];
}

/** A discovery document in text. Throws OidcError `invalid_discovery`; `where` is its URL. */
export function parseDiscovery(text: string, where: string): Discovery {
  const document = parseJson(text);
  if (!isObject(document)) {
    throw new OidcError('invalid_discovery', { text: `${where}: expected a JSON object, found something else` });
  }
  const algorithms = ownList(document, 'id_token_signing_alg_values_supported');
  return {
    issuer: ownString(document, 'issuer'),
    jwksUri: ownString(document, 'jwks_uri'),
    algorithms: algorithms.filter(algorithm => typeof algorithm === 'string'),
  };
}
