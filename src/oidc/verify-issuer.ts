import { ownString, type JsonObject } from '../util/json.ts';
import { type CertificateChain, fetchDocument, type FetchedDocument, type FetchOptions } from './fetch-document.ts';
import { parseDiscovery, type Discovery } from './documents.ts';
import { OidcError, type Remark, type OidcErrorCode } from './remark.ts';
import { discoveryUrl } from './issuer-url.ts';
import {
  parseKeySet,
  checkKeys,
  describeKey,
  materialOf,
  type KeyRemarkCode,
  type PublishedKey,
} from './published-key.ts';

export type IssuerRemarkCode =
  | 'discovery_read'
  | 'issuer_agrees'
  | 'issuer_differs'
  | 'jwks_uri_missing'
  | 'keys_read'
  | 'no_published_keys'
  | 'algorithms_agree'
  | 'algorithm_not_listed'
  | 'signing_keys_published'
  | 'signing_key_not_published'
  | 'redirected'
  | 'provider_url_with_port'
  | 'provider_url_too_long'
  | KeyRemarkCode
  | OidcErrorCode;

export type IssuerRemark = Remark<IssuerRemarkCode>;

/** What an issuer publishes, and what of it AWS cannot use. */
export interface IssuerReport {
  readonly issuer: string;
  /** Undefined where the discovery document names none, or could not be read. */
  readonly jwksUri: string | undefined;
  readonly keys: readonly PublishedKey[];
  /** Of the server that has the keys; undefined where they could not be read. */
  readonly chain: CertificateChain | undefined;
  /** In the order of the checks; those that passed too. */
  readonly remarks: readonly IssuerRemark[];
}

export interface VerifyIssuerOptions extends FetchOptions {
  readonly issuer: string;
  /** Keys of the cluster, which must be among the published ones; undefined where they are not known. */
  readonly signingKeys: readonly JsonObject[] | undefined;
}

/** The documents of an issuer as AWS STS would read them. */
interface Published {
  readonly discovery: Discovery;
  readonly keys: readonly JsonObject[];
}

/**
 * Fetches discovery document and key set of an issuer and checks them as AWS STS needs them. Never rejects for what it finds:
 * that is in the report.
 */
export async function verifyIssuer(options: VerifyIssuerOptions): Promise<IssuerReport> {
  const { issuer, signingKeys } = options;
  const remarks: IssuerRemark[] = [...checkProviderUrl(issuer)];
  let discovery: Discovery | undefined;
  try {
    const document = await fetchDocument(discoveryUrl(issuer), options);
    discovery = parseDiscovery(document.text, document.url);
    remarks.push(
      ...checkFetched('discovery_read', 'discovery document', document),
      ...checkDiscovery(discovery, issuer),
    );
    if (discovery.jwksUri === undefined) return report(options, discovery, [], remarks);
    const keySet = await fetchDocument(discovery.jwksUri, options);
    const { keys } = parseKeySet(keySet.text, keySet.url);
    remarks.push(...checkFetched('keys_read', 'keys', keySet), ...checkPublished({ discovery, keys }));
    remarks.push(...checkSigningKeys(keys, signingKeys));
    return { ...report(options, discovery, keys, remarks), chain: keySet.chain };
  } catch (error) {
    if (!(error instanceof OidcError)) throw error;
    return report(options, discovery, [], [...remarks, remarkOf(error)]);
  }
}

function report(
  { issuer }: VerifyIssuerOptions,
  discovery: Discovery | undefined,
  keys: readonly JsonObject[],
  remarks: readonly IssuerRemark[],
): IssuerReport {
  return { issuer, jwksUri: discovery?.jwksUri, keys: keys.map(describeKey), chain: undefined, remarks };
}

/** The remark that an error is, where a check goes on after it. */
export function remarkOf({ code, text, found, hint }: OidcError): Remark<OidcErrorCode> {
  return {
    code,
    severity: 'error',
    text,
    ...(found === undefined ? {} : { found }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html */
const maxProviderUrlCharacters = 255;

function checkProviderUrl(issuer: string): readonly IssuerRemark[] {
  const remarks: IssuerRemark[] = [];
  const { port } = new URL(issuer);
  if (port !== '') {
    const text = `issuer: expected no port in the URL, which IAM asks providers to do without, found ${port}`;
    remarks.push({ code: 'provider_url_with_port', severity: 'warning', text });
  }
  if (issuer.length > maxProviderUrlCharacters) {
    const text = `issuer: expected at most ${maxProviderUrlCharacters} characters, which IAM takes, found ${issuer.length}`;
    remarks.push({ code: 'provider_url_too_long', severity: 'error', text });
  }
  return remarks;
}

function checkFetched(
  code: 'discovery_read' | 'keys_read',
  what: string,
  { url, redirects }: FetchedDocument,
): readonly IssuerRemark[] {
  const read: IssuerRemark = { code, severity: 'ok', text: `${what} read from ${url}` };
  if (redirects === 0) return [read];
  const text = `${what}: expected at the first URL, found after ${redirects} redirects, which AWS need not follow`;
  return [read, { code: 'redirected', severity: 'warning', text }];
}

function checkDiscovery({ issuer, jwksUri }: Discovery, expected: string): readonly IssuerRemark[] {
  const remarks: IssuerRemark[] = [];
  if (issuer === expected)
    remarks.push({ code: 'issuer_agrees', severity: 'ok', text: 'issuer of the document agrees' });
  else {
    const text = `issuer of the document: expected ${expected}, to the letter`;
    remarks.push({ code: 'issuer_differs', severity: 'error', text, found: issuer ?? '' });
  }
  if (jwksUri === undefined) {
    remarks.push({
      code: 'jwks_uri_missing',
      severity: 'error',
      text: 'discovery document: expected "jwks_uri", found none',
    });
  }
  return remarks;
}

function checkPublished({ discovery, keys }: Published): readonly IssuerRemark[] {
  if (keys.length === 0) {
    return [{ code: 'no_published_keys', severity: 'error', text: 'keys: expected at least one, found none' }];
  }
  const used = new Set(keys.flatMap(key => ownString(key, 'alg') ?? []));
  const missing = [...used].filter(algorithm => !discovery.algorithms.includes(algorithm));
  if (missing.length === 0 && discovery.algorithms.length > 0) {
    return [
      ...checkKeys(keys),
      { code: 'algorithms_agree', severity: 'ok', text: 'algorithms of the keys are listed' },
    ];
  }
  const text = 'id_token_signing_alg_values_supported: expected the algorithms of all keys';
  const found = discovery.algorithms.join(', ');
  return [...checkKeys(keys), { code: 'algorithm_not_listed', severity: 'error', text, found }];
}

function checkSigningKeys(
  published: readonly JsonObject[],
  signingKeys: readonly JsonObject[] | undefined,
): readonly IssuerRemark[] {
  if (signingKeys === undefined) return [];
  const known = new Set(published.map(key => `${ownString(key, 'kid')} ${materialOf(key)}`));
  const missing = signingKeys.filter(key => !known.has(`${ownString(key, 'kid')} ${materialOf(key)}`));
  if (missing.length === 0) {
    const text = `every key of the cluster is published: ${signingKeys.length}`;
    return [{ code: 'signing_keys_published', severity: 'ok', text }];
  }
  const hint = 'Publish it ("irsa oidc jwks", "irsa oidc bundle") before the API server signs with it.';
  return missing.map(key => {
    const text = `keys: expected the cluster's key ${plainKid(key)} among the published ones, found none`;
    return { code: 'signing_key_not_published', severity: 'error', text, hint };
  });
}

/** A `kid` that can stand in a text of ours; Kubernetes' own always can. */
function plainKid(key: JsonObject): string {
  const kid = ownString(key, 'kid') ?? '';
  return /^[\w.-]{1,100}$/.test(kid) ? kid : 'with another kid than Kubernetes gives';
}
