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
