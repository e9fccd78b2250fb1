import { execFile, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { certificateIssuer as issuer } from '../../../src/certificates/self-managed/certificate-issuer.ts';
import { createTempFolder } from '../../support/temp-folder.ts';

const run = promisify(execFile);
const openssl = 'openssl';
const validity = { notBeforeMs: Date.now() - 3_600_000, notAfterMs: Date.now() + 3_600_000 };
const longName = `${'a'.repeat(63)}.${'b'.repeat(63)}.svc.cluster.local`;
const names = ['irsa-webhook.irsa-system.svc', longName];
const authority = await issuer.issueAuthority(validity);
const leaf = await issuer.issueLeaf(authority, names, validity);

describe('certificateIssuer', () => {
  test.each([
    ['authority', authority],
    ['leaf', leaf],
  ])('makes for an %s a key of its own on P-256, and dates of whole seconds that are no less', (_what, pair) => {
    const x509 = new X509Certificate(pair.certificate);
    expect(x509.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
    expect(x509.validFromDate.getTime()).toBe(Math.floor(validity.notBeforeMs / 1_000) * 1_000);
    expect(x509.validToDate.getTime()).toBe(Math.ceil(validity.notAfterMs / 1_000) * 1_000);
  });

  test('makes authorities that differ in name, key and serial number of 16 octets', async () => {
    const others = await Promise.all(Array.from({ length: 20 }, () => issuer.issueAuthority(validity)));
    const read = others.map(({ certificate }) => new X509Certificate(certificate));
    expect(new Set(read.map(({ subject }) => subject)).size).toBe(others.length);
    expect(new Set(others.map(({ key }) => key)).size).toBe(others.length);
    expect(read.map(({ serialNumber }) => serialNumber)).toEqual(
      read.map(() => expect.stringMatching(/^[4-7][0-9A-F]{31}$/)),
    );
  });

  test('makes a leaf for the names and nothing else', () => {
    const x509 = new X509Certificate(leaf.certificate);
    expect(x509).toMatchObject({ ca: false, subjectAltName: names.map(name => `DNS:${name}`).join(', ') });
    expect(x509.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']); // serverAuth
    expect(x509.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
  });

  const hasOpenssl = spawnSync(openssl, ['version']).status === 0;
  test.skipIf(!hasOpenssl).each(names)('makes what OpenSSL accepts by the letter of RFC 5280, for %s', async name => {
    await using folder = await createTempFolder();
    const trusted = await folder.write('ca.pem', authority.certificate);
    const served = await folder.write('leaf.pem', leaf.certificate);
    const flags = [
      'verify',
      '-x509_strict',
      '-purpose',
      'sslserver',
      '-verify_hostname',
      name,
      '-CAfile',
      trusted,
      served,
    ];
    expect((await run(openssl, flags)).stdout).toBe(`${served}: OK\n`);
    const described = await run(openssl, ['x509', '-in', served, '-noout', '-text']);
    expect(described.stdout).toContain('Signature Algorithm: ecdsa-with-SHA256');
  });
});
