import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { OidcError } from './remark.ts';
import { parsePem, type PemBlock } from '../util/pem.ts';
import { algorithmOf } from './signing-key.ts';

/** What a file for `--service-account-key-file` holds. */
export interface PublicKeyFile {
  /** In the order of the file. RSA, or ECDSA on P-256, P-384 or P-521. */
  readonly keys: readonly KeyObject[];
  /** One line for each block that kube-apiserver passes over, with the line it begins at. */
  readonly passedOver: readonly string[];
}

/**
 * Reads public keys, private keys and certificates as kube-apiserver reads `--service-account-key-file`: every PEM block by
 * its bytes, others passed over. Throws OidcError `no_keys` with the path when there is none.
 * https://github.com/kubernetes/client-go/blob/v0.36.3/util/keyutil/key.go
 */
export function readPublicKeys(text: string, path: string): PublicKeyFile {
  const keys: KeyObject[] = [];
  const passedOver: string[] = [];
  for (const block of parsePem(text).blocks) {
    const key = readBlock(block);
    if (typeof key === 'string') passedOver.push(`${path}:${block.line}: ${block.label}: ${key}`);
    else keys.push(key);
  }
  if (keys.length > 0) return { keys, passedOver };
  const expected = `${path}: expected a PEM file with an RSA or ECDSA key or certificate`;
  throw new OidcError('no_keys', { text: `${expected}, found ${passedOver[0] ?? 'no PEM block'}` });
}

/** The public key of the block, or why kube-apiserver does not read it. */
function readBlock({ label, content }: PemBlock): KeyObject | string {
  // An encrypted key has headers (RFC 1421) before its bytes.
  const [headers, body] = [content.filter(isHeader), content.filter(line => !isHeader(line))];
  const isEncrypted = label === 'ENCRYPTED PRIVATE KEY' || headers.some(header => header.includes('ENCRYPTED'));
  if (isEncrypted) return 'an encrypted key, which kube-apiserver does not read';
  const der = Buffer.from(body.join(''), 'base64');
  const pkcs8 = attempt(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  if (pkcs8?.asymmetricKeyType === 'ec') {
    return 'an ECDSA key in PKCS #8, which kube-apiserver reads only as EC PRIVATE KEY ("openssl ec") or as a public key';
  }
  const key = pkcs8 === undefined ? readOther(der) : createPublicKey(pkcs8);
  if (key === undefined) return 'neither an RSA nor an ECDSA key, nor a certificate';
  if (algorithmOf(key) !== undefined) return key;
  const kind = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? 'unknown';
  return `a key of type ${kind}, where RSA, P-256, P-384 or P-521 is needed`;
}

function isHeader(line: string): boolean {
  return line.includes(':');
}

/** The order is of no account: the forms exclude one another. */
function readOther(der: Buffer): KeyObject | undefined {
  return (
    // Node.js reads an EC PRIVATE KEY (SEC 1) under this type too.
    attempt(() => createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs1' }))) ??
    attempt(() => createPublicKey({ key: der, format: 'der', type: 'spki' })) ??
    attempt(() => new X509Certificate(der).publicKey)
  );
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
