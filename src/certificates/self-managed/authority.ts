import { createPrivateKey, X509Certificate } from 'node:crypto';
import { errorText } from '../../util/error-text.ts';

/** How the common names of our authorities begin. */
export const authorityName = 'irsa-webhook CA';

/** A certificate that clients are to trust, read. */
export interface TrustedCertificate {
  /** PEM, one block. */
  readonly certificate: string;
  /** SHA-256, colon-separated hex. */
  readonly fingerprint: string;
  /** True for an authority that a webhook like this one has made; so says its name. */
  readonly isOurs: boolean;
  /** Milliseconds since the epoch. */
  readonly notBeforeMs: number;
  /** Milliseconds since the epoch. */
  readonly notAfterMs: number;
}

/** A certificate authority with which leaves can be signed. */
export interface Authority extends TrustedCertificate {
  /** PEM, PKCS #8. */
  readonly key: string;
}

export interface AuthorityProblem {
  readonly kind: 'problem';
  /** What was expected and what was found. */
  readonly detail: string;
}

export type AuthorityReading = { readonly kind: 'authority'; readonly authority: Authority } | AuthorityProblem;

/** The certificate of one PEM block; undefined for anything else. */
export function readTrustedCertificate(pem: string): TrustedCertificate | undefined {
  try {
    return toTrusted(new X509Certificate(pem));
  } catch {
    return undefined;
  }
}

/** Checks that certificate and key, both PEM, are an authority that we can sign with. Never throws. */
export function readAuthority(certificatePem: string, keyPem: string): AuthorityReading {
  try {
    const x509 = new X509Certificate(certificatePem);
    const key = createPrivateKey(keyPem);
    if (!x509.ca) return problem('expected the certificate of an authority, found one that may not sign');
    if (!x509.checkPrivateKey(key)) return problem('expected the key of the certificate, found another');
    const curve = key.asymmetricKeyDetails?.namedCurve;
    if (curve !== 'prime256v1') return problem(`expected a key on P-256, found ${curve ?? key.asymmetricKeyType}`);
    return { kind: 'authority', authority: { ...toTrusted(x509), key: key.export({ type: 'pkcs8', format: 'pem' }) } };
  } catch (error) {
    return problem(`expected a certificate and its key in PEM, found: ${errorText(error).replaceAll(/\s+/g, ' ')}`);
  }
}

function toTrusted(x509: X509Certificate): TrustedCertificate {
  return {
    certificate: x509.toString(),
    fingerprint: x509.fingerprint256,
    isOurs: x509.subject.startsWith(`CN=${authorityName} `),
    notBeforeMs: x509.validFromDate.getTime(),
    notAfterMs: x509.validToDate.getTime(),
  };
}

function problem(detail: string): AuthorityProblem {
  return { kind: 'problem', detail };
}

/** An authority that signs no more, and is trusted until no leaf of it can be left. */
export interface RetiringAuthority extends TrustedCertificate {
  /** Milliseconds since the epoch. */
  readonly retireAfterMs: number;
}

/** What the Secret holds: all replicas agree on it. */
export interface AuthorityState {
  /** Signs the leaves. */
  readonly current: Authority;
  /** Will sign, once every API server can be expected to trust it. */
  readonly next: Authority | undefined;
  /** Signed before. */
  readonly previous: readonly RetiringAuthority[];
}

/** A bundle of more authorities than this is a mistake, and each one costs 700 bytes of etcd in several places. */
const maxPrevious = 8;

/** Every certificate that clients have to trust, each once: all of the state that are neither expired nor retired. */
export function trustedBy(state: AuthorityState, nowMs: number): readonly TrustedCertificate[] {
  const retiring = state.previous.filter(({ retireAfterMs }) => nowMs < retireAfterMs);
  const all = [state.current, ...(state.next === undefined ? [] : [state.next]), ...retiring];
  return distinct(all.filter(({ notAfterMs }) => notAfterMs > nowMs));
}

/** Each certificate once. */
export function distinct(certificates: readonly TrustedCertificate[]): readonly TrustedCertificate[] {
  return [...new Map(certificates.map(certificate => [certificate.fingerprint, certificate])).values()];
}

/** True when the state knows this authority, also as one that is retired. */
export function includes(state: AuthorityState, { fingerprint }: TrustedCertificate): boolean {
  return [state.current, state.next, ...state.previous].some(known => known?.fingerprint === fingerprint);
}

/** The state in which the next authority has become the current one. */
export function promoteNext(state: AuthorityState, next: Authority, retireAfterMs: number): AuthorityState {
  return retire({ ...state, current: next, next: undefined }, [state.current], retireAfterMs);
}

/** The state in which these are trusted until then at least, unless they are the current one or the next. */
export function retire(
  state: AuthorityState,
  certificates: readonly TrustedCertificate[],
  retireAfterMs: number,
): AuthorityState {
  const signing = new Set([state.current.fingerprint, state.next?.fingerprint]);
  const added = distinct(certificates)
    .filter(({ fingerprint }) => !signing.has(fingerprint))
    .map(({ certificate, fingerprint, isOurs, notBeforeMs, notAfterMs }) => {
      return { certificate, fingerprint, isOurs, notBeforeMs, notAfterMs, retireAfterMs };
    });
  const others = state.previous.filter(known => !added.some(({ fingerprint }) => fingerprint === known.fingerprint));
  return { ...state, previous: [...added, ...others].slice(0, maxPrevious) };
}

/** True when the authority has no place in the state any more. */
export function isRetired(authority: RetiringAuthority, nowMs: number): boolean {
  return nowMs >= authority.retireAfterMs || nowMs >= authority.notAfterMs;
}

/** Milliseconds since the epoch; in the certificate they are whole seconds, and no less. */
export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Certificates are valid from one hour before they are made, for clients whose clock is late. */
export const backdateMs: number = 60 * 60 * 1_000;

/** When a certificate that we issued is renewed at the latest. */
export interface Life {
  /** When a third of the time is left. Milliseconds since the epoch. */
  readonly twoThirdsMs: number;
}

/** The dates of an authority that is made now. */
export function authorityValidity(nowMs: number, durationMs: number): Validity {
  return { notBeforeMs: nowMs - backdateMs, notAfterMs: nowMs + durationMs };
}

/** The dates of a leaf that is signed now: it cannot outlive the authority. */
export function leafValidity(nowMs: number, durationMs: number, authority: Validity): Validity {
  return { notBeforeMs: nowMs - backdateMs, notAfterMs: Math.min(nowMs + durationMs, authority.notAfterMs) };
}

/** The life of a certificate of ours, counted from when it was made. */
export function lifeOf({ notBeforeMs, notAfterMs }: Validity): Life {
  const issuedMs = notBeforeMs + backdateMs;
  return { twoThirdsMs: issuedMs + ((notAfterMs - issuedMs) * 2) / 3 };
}
