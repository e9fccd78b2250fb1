import { X509Certificate } from 'node:crypto';

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text in their order; blocks that are none are passed over. */
export function readCertificates(pem: string): readonly X509Certificate[] {
  return Array.from(pem.matchAll(block), ([text]) => readCertificate(text)).filter(found => found !== undefined);
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Whether one of the authorities has issued a certificate of the chain, or is in it itself. */
export function isTrusted(chain: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean {
  return chain.some(certificate =>
    authorities.some(
      authority =>
        authority.fingerprint256 === certificate.fingerprint256 ||
        (certificate.checkIssued(authority) && certificate.verify(authority.publicKey)),
    ),
  );
}

/** The day of a moment, for a person. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 'YYYY-MM-DD'.length);
}
