import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';
import * as der from './der.ts';

const dayMs = 24 * 60 * 60 * 1000;

type KeyType = 'p256' | 'rsa';

export interface CertificateOptions {
  readonly commonName?: string;
  readonly keyType?: KeyType;
  /** Default: one day ago, so that clocks that differ do not matter. */
  readonly notBefore?: Date;
  /** Default: tomorrow. */
  readonly notAfter?: Date;
}

export interface LeafOptions extends CertificateOptions {
  /** DNS names and IP addresses. Default: localhost and 127.0.0.1. */
  readonly hosts?: readonly string[];
}

export interface IssuedCertificate {
  /** PEM, leaf first, then the intermediates if there are any; never the root. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

export interface CertificateAuthority extends IssuedCertificate {
  issue(options?: LeafOptions): IssuedCertificate;
  issueIntermediate(options?: CertificateOptions): CertificateAuthority;
}

interface Issuer {
  readonly name: Buffer;
  readonly key: KeyObject;
  readonly keyIdentifier: Buffer;
  /** PEM of the issuer's own chain up to, not including, the root. */
  readonly chain: string;
}

/** A self-signed root for tests. Its serial number and key are new each time. */
export function createCertificateAuthority(options: CertificateOptions = {}): CertificateAuthority {
  return createAuthority(options, undefined);
}

function createAuthority(options: CertificateOptions, parent: Issuer | undefined): CertificateAuthority {
  const name = distinguishedName(options.commonName ?? (parent ? 'test intermediate' : 'test root'));
  const keys = generateKeys(options.keyType);
  const self = { name, key: keys.privateKey, keyIdentifier: keyIdentifier(keys.publicKey), chain: '' };
  const pem = signCertificate(
    options,
    { subject: name, publicKey: keys.publicKey },
    parent ?? self,
    authorityExtensions,
  );
  const issuer: Issuer = { ...self, chain: parent ? pem + parent.chain : '' };
  return {
    certificate: pem + (parent?.chain ?? ''),
    key: pemOfKey(keys.privateKey),
    issue: leaf => issueLeaf(leaf ?? {}, issuer),
    issueIntermediate: intermediate => createAuthority(intermediate ?? {}, issuer),
  };
}

function issueLeaf(options: LeafOptions, issuer: Issuer): IssuedCertificate {
  const hosts = options.hosts ?? ['localhost', '127.0.0.1'];
  const keys = generateKeys(options.keyType);
  const subject = distinguishedName(options.commonName ?? hosts[0] ?? 'test leaf');
  const pem = signCertificate(options, { subject, publicKey: keys.publicKey }, issuer, leafExtensions(hosts));
  return { certificate: pem + issuer.chain, key: pemOfKey(keys.privateKey) };
}

function generateKeys(keyType: KeyType = 'p256'): { publicKey: KeyObject; privateKey: KeyObject } {
  if (keyType === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function pemOfKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' });
}

interface Subject {
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
}

/** RFC 5280 section 4.1, the fields in its order. */
function signCertificate(
  { notBefore = new Date(Date.now() - dayMs), notAfter = new Date(Date.now() + dayMs) }: CertificateOptions,
  { subject, publicKey }: Subject,
  issuer: Issuer,
  extensions: readonly Buffer[],
): string {
  const algorithm = signatureAlgorithm(issuer.key);
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))), // version 3
    der.integer(randomBytes(16)),
    algorithm,
    issuer.name,
    der.sequence(der.time(notBefore), der.time(notAfter)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensions, ...keyIdentifierExtensions(publicKey, issuer))),
  );
  const signature = der.bitString(sign('sha256', toBeSigned, issuer.key));
  const body = der.sequence(toBeSigned, algorithm, signature).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${body.replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

function signatureAlgorithm(key: KeyObject): Buffer {
  // ecdsa-with-SHA256 has no parameters (RFC 5758), sha256WithRSAEncryption has NULL (RFC 4055).
  if (key.asymmetricKeyType === 'ec') return der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));
  return der.sequence(der.objectIdentifier('1.2.840.113549.1.1.11'), der.nothing());
}

function distinguishedName(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(der.objectIdentifier('2.5.4.3'), der.utf8String(commonName))));
}

/** Any value that differs by key will do (RFC 5280 section 4.2.1.2). */
function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}

function extension(identifier: string, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [der.boolean(true)] : [];
  return der.sequence(der.objectIdentifier(identifier), ...critical, der.octetString(value));
}

function keyIdentifierExtensions(publicKey: KeyObject, issuer: Issuer): readonly Buffer[] {
  return [
    extension('2.5.29.14', false, der.octetString(keyIdentifier(publicKey))),
    extension('2.5.29.35', false, der.sequence(der.implicit(0, issuer.keyIdentifier))),
  ];
}

const authorityExtensions: readonly Buffer[] = [
  extension('2.5.29.19', true, der.sequence(der.boolean(true))), // basicConstraints: cA
  extension('2.5.29.15', true, der.bitString(Buffer.from([0b0000_0110]), 1)), // keyUsage: keyCertSign, cRLSign
];

function leafExtensions(hosts: readonly string[]): readonly Buffer[] {
  const purposes = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']; // serverAuth, clientAuth
  return [
    extension('2.5.29.19', true, der.sequence()), // basicConstraints: no CA
    extension('2.5.29.15', true, der.bitString(Buffer.from([0b1000_0000]), 7)), // keyUsage: digitalSignature
    extension('2.5.29.37', false, der.sequence(...purposes.map(der.objectIdentifier))),
    extension('2.5.29.17', false, der.sequence(...hosts.map(alternativeName))),
  ];
}

function alternativeName(host: string): Buffer {
  if (isIP(host) === 0) return der.implicit(2, Buffer.from(host));
  return der.implicit(7, isIPv6(host) ? ipv6Bytes(host) : Buffer.from(host.split('.').map(Number)));
}

function ipv6Bytes(address: string): Buffer {
  // The URL parser gives the shortest form, in which `::` stands for the missing groups.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): string[] => part.split(':').filter(group => group !== '');
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...new Array<string>(missing).fill('0'), ...groups(tail)];
  return Buffer.from(all.map(group => group.padStart(4, '0')).join(''), 'hex');
}
