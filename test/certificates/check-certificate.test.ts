import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checkCertificate, type CertificateCheck } from '../../src/certificates/check-certificate.ts';
import { createCertificateAuthority } from '../support/certificates.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const hourMs = 3_600_000;
const authority = createCertificateAuthority();
const validity = { notBefore: new Date(now - hourMs), notAfter: new Date(now + hourMs) };
const leaf = authority.issue(validity);
const other = authority.issue(validity);
const rsa = authority.issue({ ...validity, keyType: 'rsa' });
const chained = authority.issueIntermediate().issue(validity);

function check(certificate: string, key: string, nowMs = now): CertificateCheck {
  return checkCertificate(
    { certificate: { path: 'tls.crt', text: certificate }, key: { path: 'tls.key', text: key } },
    nowMs,
  );
}

function encrypted(key: string): string {
  return createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' });
}

/** As `openssl ecparam -genkey` and old tools write them. */
function traditional(key: string): string {
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  return parameters + createPrivateKey(key).export({ type: 'sec1', format: 'pem' });
}

const withoutEnd = (pem: string): string => pem.trimEnd().split('\n').slice(0, -1).join('\n');
const withoutMiddle = (pem: string): string => pem.trimEnd().split('\n').toSpliced(3, 1).join('\n');
const weak = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });

describe('checkCertificate()', () => {
  test.each([
    { name: 'an EC leaf', certificate: leaf.certificate, key: leaf.key },
    { name: 'an RSA leaf', certificate: rsa.certificate, key: rsa.key },
    { name: 'a chain', certificate: chained.certificate, key: chained.key },
    { name: 'CRLF line ends', certificate: leaf.certificate.replaceAll('\n', '\r\n'), key: leaf.key },
    { name: 'text around the blocks', certificate: `Subject: CN=x\n${leaf.certificate}\nend`, key: leaf.key },
    { name: 'a key in SEC 1 form after its parameters', certificate: leaf.certificate, key: traditional(leaf.key) },
    { name: 'both in one file', certificate: leaf.key + leaf.certificate, key: leaf.key + leaf.certificate },
  ])('accepts $name', ({ certificate, key }) => {
    expect(check(certificate, key)).toMatchObject({ kind: 'valid', certificate: { notAfterMs: now + hourMs } });
  });

  test('gives the whole chain, leaf first, and the fingerprint of the leaf', () => {
    const result = check(chained.certificate, chained.key);
    if (result.kind !== 'valid') throw new Error(result.detail);
    expect(result.certificate.certificate.trim()).toBe(chained.certificate.trim());
    expect(result.certificate.key.trim()).toBe(chained.key.trim());
    expect(result.certificate.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  test.each([
    [
      'an empty certificate file',
      '',
      leaf.key,
      'certificate_missing',
      'tls.crt: expected a PEM CERTIFICATE, found no PEM block',
    ],
    ['a key instead of a certificate', leaf.key, leaf.key, 'certificate_missing', 'found only PRIVATE KEY'],
    [
      'a certificate cut off',
      withoutEnd(leaf.certificate),
      leaf.key,
      'certificate_truncated',
      'found CERTIFICATE without its end',
    ],
    ['an intermediate cut off', withoutEnd(chained.certificate), chained.key, 'certificate_truncated', 'tls.crt'],
    [
      'a certificate with a line missing',
      withoutMiddle(leaf.certificate),
      leaf.key,
      'certificate_malformed',
      'tls.crt',
    ],
    [
      'an empty key file',
      leaf.certificate,
      '',
      'key_missing',
      'tls.key: expected a PEM PRIVATE KEY, found no PEM block',
    ],
    ['a certificate instead of a key', leaf.certificate, leaf.certificate, 'key_missing', 'found only CERTIFICATE'],
    ['a key cut off', leaf.certificate, withoutEnd(leaf.key), 'key_truncated', 'found PRIVATE KEY without its end'],
    ['a key with a line missing', leaf.certificate, withoutMiddle(leaf.key), 'key_malformed', 'tls.key'],
    ['an encrypted key', leaf.certificate, encrypted(leaf.key), 'key_malformed', 'expected an unencrypted private key'],
    ['the key of another certificate', leaf.certificate, other.key, 'key_mismatch', 'found the ec key of another'],
    ['an RSA key for an EC certificate', leaf.certificate, rsa.key, 'key_mismatch', 'expected the ec key'],
    ['an EC key for an RSA certificate', rsa.certificate, leaf.key, 'key_mismatch', 'found the ec key'],
    ['an Ed25519 key', leaf.certificate, weak, 'key_mismatch', 'found the ed25519 key'],
    [
      'a chain in the wrong order',
      other.certificate + leaf.certificate,
      leaf.key,
      'key_mismatch',
      'found that of certificate 2',
    ],
  ])('refuses %s (E140)', (_name, certificate, key, code, detail) => {
    const result = check(certificate, key);
    expect(result).toMatchObject({ kind: 'problem', code, detail: expect.stringContaining(detail) });
    expect(result.kind === 'problem' && result.detail).not.toContain('\n');
  });

  test.each([
    ['JUST not yet valid', now - hourMs - 1, 'certificate_not_yet_valid'],
    ['JUST valid', now - hourMs, 'valid'],
    ['ALMOST expired', now + hourMs, 'valid'],
    ['JUST expired', now + hourMs + 1, 'certificate_expired'],
  ])('judges a certificate that is %s by the given time (E141)', (_name, nowMs, expected) => {
    const result = check(leaf.certificate, leaf.key, nowMs);
    expect(result.kind === 'problem' ? result.code : result.kind).toBe(expected);
  });

  test('says until when an expired certificate was valid (E141)', () => {
    expect(check(leaf.certificate, leaf.key, now + 2 * hourMs)).toMatchObject({
      detail:
        'tls.crt: expected a certificate valid at 2026-11-24T14:00:00.000Z, found one until 2026-11-24T13:00:00.000Z',
    });
  });
});
