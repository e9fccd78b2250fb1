import { OidcError, type Remark } from './remark.ts';

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

/**
 * Returns what is wrong with an issuer that AWS can never read: its host is known or reached only inside of a cluster or network,
 * or IAM takes no provider with such a URL. Undefined for an issuer that may be public, and for a text that is no URL. `what` is
 * where the issuer stands.
 */
export function checkPublic(issuer: string, what: string): Remark<'issuer_not_public'> | undefined {
  const fault = URL.canParse(issuer) ? privateFaultOf(new URL(issuer)) : undefined;
  if (fault === undefined) return undefined;
  return {
    code: 'issuer_not_public',
    severity: 'error',
    text: `${what}: AWS can never read it, since ${fault}`,
    found: issuer,
    hint:
      'Publish the documents that "irsa oidc bundle" writes at a public https URL, and name that URL first by ' +
      '--service-account-issuer of every kube-apiserver.',
  };
}

function privateFaultOf({ hostname, port }: URL): string | undefined {
  if (isPrivateAddress(hostname)) return 'its address is private';
  if (isPrivateName(hostname)) return 'its host name is known only inside of the cluster or network';
  // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
  return port === '' ? undefined : `IAM takes no port but 443, and not ${port}`;
}

/** Loopback, private, shared and link-local addresses, and those of this host (RFC 6890); URLs have them in one form. */
const privateAddresses: readonly RegExp[] = [
  /^(0|10|127)(\.\d+){3}$/,
  /^(192\.168|169\.254)(\.\d+){2}$/,
  /^172\.(1[6-9]|2\d|3[01])(\.\d+){2}$/,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])(\.\d+){2}$/,
  // IPv4 addresses in the form of IPv6 have no route of their own.
  /^\[(::1?\]|::ffff:|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/,
];

function isPrivateAddress(hostname: string): boolean {
  return privateAddresses.some(addresses => addresses.test(hostname));
}

/** One label, or a name in a domain that is not public; `kubernetes.default.svc` has any domain of a cluster behind it. */
function isPrivateName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '');
  if (/^\[|^[\d.]+$/.test(name)) return false;
  return /^[^.]+$|\.(svc|local|internal|localhost)$|^kubernetes\.default\.svc\./.test(name);
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
