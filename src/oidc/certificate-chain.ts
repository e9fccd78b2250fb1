import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** A certificate as the settings of an OIDC provider in IAM name it. */
export interface ChainCertificate {
  /** For example `CN=Amazon Root CA 1, O=Amazon, C=US`. Somebody else's text. */
  readonly subject: string;
  /** SHA-1 of the certificate, 40 hexadecimal digits in lower case. */
  readonly thumbprint: string;
}

/** The certificates with which a server proved who it is. */
export interface CertificateChain {
  /** The last one that the server sends: that is the one whose thumbprint IAM takes. */
  readonly top: ChainCertificate | undefined;
  /** The authority that ends the chain, which the server need not send. */
  readonly root: ChainCertificate | undefined;
}

/** Longer chains, and those that go in circles, have no use. */
const maxCertificates = 10;

/**
 * The ends of the chain of a connection.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
 */
export function readChain(socket: TLSSocket | undefined): CertificateChain {
  return { top: topSent(socket?.getPeerX509Certificate()), root: rootOf(socket) };
}

function topSent(leaf: X509Certificate | undefined): ChainCertificate | undefined {
  let certificate = leaf;
  for (let count = 1; count < maxCertificates && certificate?.issuerCertificate !== undefined; count += 1) {
    certificate = certificate.issuerCertificate;
  }
  if (certificate === undefined) return undefined;
  return { subject: certificate.subject.split('\n').join(', '), thumbprint: toThumbprint(certificate.fingerprint) };
}

/** Node.js completes the chain by the authority that it trusted, which is its own issuer. */
function rootOf(socket: TLSSocket | undefined): ChainCertificate | undefined {
  let certificate = socket?.getPeerCertificate(true);
  for (let count = 1; count < maxCertificates && certificate !== undefined; count += 1) {
    const issuer = certificate.issuerCertificate;
    if (issuer === certificate) {
      const subject = Object.entries(certificate.subject).map(([name, value]) => `${name}=${String(value)}`);
      return { subject: subject.reverse().join(', '), thumbprint: toThumbprint(certificate.fingerprint) };
    }
    certificate = issuer;
  }
  return undefined;
}

function toThumbprint(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}
