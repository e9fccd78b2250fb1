import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { errorText } from '../util/error-text.ts';
import type { ServingCertificate } from './certificate-source.ts';
import { parsePem } from '../util/pem.ts';

/** A file's path, for the messages, and its content. */
export interface ReadFile {
  readonly path: string;
  readonly text: string;
}

export interface CertificatePair {
  readonly certificate: ReadFile;
  readonly key: ReadFile;
}

/** Why a certificate and its key cannot be served. Stable: log field and documentation use these codes. */
export type CertificateProblemCode =
  | 'certificate_missing'
  | 'certificate_truncated'
  | 'certificate_malformed'
  | 'key_missing'
  | 'key_truncated'
  | 'key_malformed'
  | 'key_mismatch'
  | 'certificate_expired'
  | 'certificate_not_yet_valid'
  | 'refused_by_tls';

export interface CertificateProblem {
  readonly kind: 'problem';
  readonly code: CertificateProblemCode;
  /** One line for a person: which file, what was expected, what was found. */
  readonly detail: string;
}

export type CertificateCheck =
  | { readonly kind: 'valid'; readonly certificate: ServingCertificate }
  | CertificateProblem;

/**
 * Checks a certificate chain and its key as a pair at the given time (milliseconds since the epoch). Node.js itself
 * accepts an EC key for an RSA certificate, an empty key and an expired certificate; handshakes fail then. Never throws.
 */
export function checkCertificate(pair: CertificatePair, nowMs: number): CertificateCheck {
  const chain = parseChain(pair.certificate);
  if (chain.kind === 'problem') return chain;
  const key = parseKey(pair.key);
  if (key.kind === 'problem') return key;
  const serving = {
    certificate: chain.text,
    key: key.text,
    notAfterMs: chain.leaf.x509.validToDate.getTime(),
    fingerprint: chain.leaf.x509.fingerprint256,
  };
  return (
    checkMatch(pair, chain, key.key) ??
    checkDates(pair.certificate.path, chain.leaf.x509, nowMs) ??
    checkContext(pair, serving) ?? { kind: 'valid', certificate: serving }
  );
}

interface ReadCertificate {
  readonly x509: X509Certificate;
  readonly keyType: string | undefined;
}

interface Chain {
  readonly kind: 'chain';
  readonly leaf: ReadCertificate;
  readonly others: readonly ReadCertificate[];
  readonly text: string;
}

function problem(code: CertificateProblemCode, detail: string): CertificateProblem {
  return { kind: 'problem', code, detail };
}

/** The reason OpenSSL gives, without its line breaks. */
function reasonOf(error: unknown): string {
  return errorText(error).replaceAll(/\s+/g, ' ');
}

function parseChain({ path, text }: ReadFile): Chain | CertificateProblem {
  const { blocks, truncated } = parsePem(text);
  if (truncated !== undefined) {
    return problem('certificate_truncated', `${path}: expected whole PEM blocks, found ${truncated} without its end`);
  }
  const pems = blocks.filter(block => block.label === 'CERTIFICATE').map(block => block.text);
  try {
    const [leaf, ...others] = pems.map(readCertificate);
    if (leaf !== undefined) return { kind: 'chain', leaf, others, text: pems.join('') };
    return problem('certificate_missing', `${path}: expected a PEM CERTIFICATE, found ${labelsOf(blocks)}`);
  } catch (error) {
    return problem('certificate_malformed', `${path}: expected X.509 certificates in PEM, found: ${reasonOf(error)}`);
  }
}

/** Throws also for a public key of an algorithm that OpenSSL does not know. */
function readCertificate(pem: string): ReadCertificate {
  const x509 = new X509Certificate(pem);
  return { x509, keyType: x509.publicKey.asymmetricKeyType };
}

function parseKey({ path, text }: ReadFile): { kind: 'key'; key: KeyObject; text: string } | CertificateProblem {
  const { blocks, truncated } = parsePem(text);
  if (truncated !== undefined) {
    return problem('key_truncated', `${path}: expected whole PEM blocks, found ${truncated} without its end`);
  }
  const block = blocks.find(block => block.label.endsWith('PRIVATE KEY'));
  if (block === undefined) {
    return problem('key_missing', `${path}: expected a PEM PRIVATE KEY, found ${labelsOf(blocks)}`);
  }
  try {
    return { kind: 'key', key: createPrivateKey(block.text), text: block.text };
  } catch (error) {
    return problem('key_malformed', `${path}: expected an unencrypted private key in PEM, found: ${reasonOf(error)}`);
  }
}

function labelsOf(blocks: readonly { readonly label: string }[]): string {
  return blocks.length === 0 ? 'no PEM block' : `only ${blocks.map(block => block.label).join(', ')}`;
}

function checkMatch(pair: CertificatePair, { leaf, others }: Chain, key: KeyObject): CertificateProblem | undefined {
  if (leaf.x509.checkPrivateKey(key)) return undefined;
  const position = others.findIndex(({ x509 }) => x509.checkPrivateKey(key));
  const found = position === -1 ? `the ${key.asymmetricKeyType} key of another` : `that of certificate ${position + 2}`;
  const expected = `the ${leaf.keyType} key of the first certificate in ${pair.certificate.path}`;
  return problem('key_mismatch', `${pair.key.path}: expected ${expected}, found ${found}`);
}

function checkDates(path: string, leaf: X509Certificate, nowMs: number): CertificateProblem | undefined {
  const now = new Date(nowMs).toISOString();
  if (nowMs > leaf.validToDate.getTime()) {
    const end = leaf.validToDate.toISOString();
    return problem('certificate_expired', `${path}: expected a certificate valid at ${now}, found one until ${end}`);
  }
  if (nowMs >= leaf.validFromDate.getTime()) return undefined;
  const start = leaf.validFromDate.toISOString();
  return problem(
    'certificate_not_yet_valid',
    `${path}: expected a certificate valid at ${now}, found one from ${start}`,
  );
}

/** OpenSSL has the last word: it also refuses keys and signatures that are too weak. */
function checkContext(pair: CertificatePair, serving: ServingCertificate): CertificateProblem | undefined {
  try {
    createSecureContext({ cert: serving.certificate, key: serving.key });
    return undefined;
  } catch (error) {
    const found = reasonOf(error);
    return problem('refused_by_tls', `${pair.certificate.path}: expected a certificate fit for TLS, found: ${found}`);
  }
}
