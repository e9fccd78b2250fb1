import 'reflect-metadata'; // the X.509 library needs it to be there first
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { authorityName, type Validity } from './authority.ts';

/** A certificate and its private key, both PEM. */
export interface IssuedPair {
  readonly certificate: string;
  /** PKCS #8. */
  readonly key: string;
}

/** Creates certificates: P-256, SHA-256, random serial numbers. */
export interface CertificateIssuer {
  /** A self-signed certificate authority that may sign leaves and no other authority. */
  issueAuthority(validity: Validity): Promise<IssuedPair>;
  /** A server certificate for these DNS names, signed by the authority. */
  issueLeaf(authority: IssuedPair, names: readonly string[], validity: Validity): Promise<IssuedPair>;
}

type KeyPair = webcrypto.CryptoKeyPair;

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** 16 octets are allowed and far from being guessed (RFC 5280 section 4.1.2.2 allows 20). */
const serialBytes = 16;

/**
 * Creates certificates by an X.509 library that costs 9 MB of memory. This is the only file that uses it, and is itself loaded
 * only where we are our own authority.
 */
export const certificateIssuer: CertificateIssuer = { issueAuthority, issueLeaf };

async function issueAuthority(validity: Validity): Promise<IssuedPair> {
  const keys = await generateKeys();
  const serialNumber = randomSerialNumber();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber,
    // A name of its own for each, so that nobody has to guess which of two authorities has signed.
    name: [{ CN: [`${authorityName} ${serialNumber.slice(0, 8)}`] }],
    ...datesOf(validity),
    signingAlgorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pemOf(certificate.toString('pem')), key: await pemOfKey(keys) };
}

async function issueLeaf(authority: IssuedPair, names: readonly string[], validity: Validity): Promise<IssuedPair> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerialNumber(),
    // The subject stays empty where a name can be longer than the 64 characters of a common name; clients look at the
    // alternative names only, which are critical then (RFC 5280 section 4.2.1.6).
    issuer: issuer.subject,
    ...datesOf(validity),
    signingAlgorithm,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map(value => ({ type: 'dns' as const, value })),
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: pemOf(certificate.toString('pem')), key: await pemOfKey(keys) };
}

function generateKeys(): Promise<KeyPair> {
  return webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
}

async function pemOfKey({ privateKey }: KeyPair): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', privateKey);
  return pemOf(x509.PemConverter.encode(der, 'PRIVATE KEY'));
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), keyAlgorithm, false, ['sign']);
}

/** Positive, and never of fewer octets than it should have. */
function randomSerialNumber(): string {
  const bytes = randomBytes(serialBytes);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function datesOf({ notBeforeMs, notAfterMs }: Validity): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(Math.floor(notBeforeMs / 1_000) * 1_000),
    notAfter: new Date(Math.ceil(notAfterMs / 1_000) * 1_000),
  };
}

/** One final newline, so that texts can be joined. */
function pemOf(text: string): string {
  return `${text.trimEnd()}\n`;
}
