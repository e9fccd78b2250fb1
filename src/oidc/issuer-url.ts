import { OidcError } from './remark.ts';

/** Where kube-apiserver serves its keys, and where they are expected beneath an issuer. */
export const keySetPath = '/openid/v1/jwks';
/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
export const discoveryPath = '/.well-known/openid-configuration';

/** Longest URL worth reading; IAM takes 255 characters for that of a provider. */
const maxUrlCharacters = 2_048;

/** An https URL of the caller's or of a document. Throws OidcError `invalid_url`; `what` says what it is for. */
export function parseHttpsUrl(text: string, what: string): URL {
  const url = text.length <= maxUrlCharacters && URL.canParse(text) ? new URL(text) : undefined;
  const fault = url === undefined ? '' : faultOf(url);
  if (url !== undefined && fault === '' && !/\s/.test(text)) return url;
  throw new OidcError('invalid_url', { text: `${what}: expected an https URL${fault}`, found: text });
}

function faultOf({ protocol, username, password }: URL): string {
  if (protocol !== 'https:') return ' such as https://oidc.example.com/cluster-a';
  return username === '' && password === '' ? '' : ' without user name and password';
}

/**
 * Checks an issuer as kube-apiserver does before it serves discovery: https, no query, no fragment. The text stays as it is,
 * since tokens carry it so. Throws OidcError `invalid_url`.
 * https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/serviceaccount/openidmetadata.go
 */
export function checkIssuer(issuer: string, what: string): string {
  parseHttpsUrl(issuer, what);
  if (!/[?#]/.test(issuer)) return issuer;
  throw new OidcError('invalid_url', {
    text: `${what}: expected an https URL without query and fragment`,
    found: issuer,
  });
}

/** Where the issuer's discovery document is. A slash at the end of the issuer is left out (OpenID Connect Discovery 4). */
export function discoveryUrl(issuer: string): string {
  return beneath(issuer, discoveryPath);
}

/** Where the issuer's keys are, unless somebody says otherwise. */
export function defaultKeySetUrl(issuer: string): string {
  return beneath(issuer, keySetPath);
}

function beneath(issuer: string, path: string): string {
  return `${issuer.replace(/\/$/, '')}${path}`;
}
