import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get } from 'node:https';
import { describe, expect, test } from 'vitest';
import { createCertificateAuthority, type IssuedCertificate, type LeafOptions } from './certificates.ts';
import { listenOnLoopback } from './listen-on-loopback.ts';

const hourMs = 60 * 60 * 1000;

/** What a client that trusts only `ca` says of a server with the certificate: the status, or the code of the error. */
async function handshake(
  ca: string,
  { certificate, key }: IssuedCertificate,
  servername = 'localhost',
): Promise<unknown> {
  const { port, close } = await listenOnLoopback(
    createServer({ cert: certificate, key }, (_, response) => response.end()),
  );
  const request = get({ port, host: '127.0.0.1', servername, ca, agent: false });
  try {
    const [response] = await once(request, 'response');
    return response.statusCode;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  } finally {
    await close();
  }
}

describe('createCertificateAuthority()', () => {
  test.each<{ name: string; authority?: 'rsa' | 'p256'; leaf?: LeafOptions; servername?: string; expected: unknown }>([
    { name: 'P-256 throughout', expected: 200 },
    { name: 'RSA throughout', authority: 'rsa', leaf: { keyType: 'rsa' }, expected: 200 },
    { name: 'an RSA leaf below P-256', leaf: { keyType: 'rsa' }, expected: 200 },
    { name: 'another host', leaf: { hosts: ['webhook.irsa.svc'] }, servername: 'webhook.irsa.svc', expected: 200 },
    {
      name: 'a host that it is not for',
      leaf: { hosts: ['webhook.irsa.svc'] },
      expected: 'ERR_TLS_CERT_ALTNAME_INVALID',
    },
    {
      name: 'a leaf that has expired',
      leaf: { notAfter: new Date(Date.now() - hourMs) },
      expected: 'CERT_HAS_EXPIRED',
    },
    {
      name: 'a leaf that is not valid yet',
      leaf: { notBefore: new Date(Date.now() + hourMs) },
      expected: 'CERT_NOT_YET_VALID',
    },
  ])('issues what a TLS client judges rightly: $name', async ({ authority = 'p256', leaf, servername, expected }) => {
    const ca = createCertificateAuthority({ keyType: authority });
    expect(await handshake(ca.certificate, ca.issue(leaf), servername)).toBe(expected);
  });

  test('issues through an intermediate, whose certificate the server must send', async () => {
    const root = createCertificateAuthority();
    const { certificate, key } = root.issueIntermediate().issue();
    expect(await handshake(root.certificate, { certificate, key })).toBe(200);
    const leafOnly = new X509Certificate(certificate).toString();
    expect(await handshake(root.certificate, { certificate: leafOnly, key })).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('makes an authority that another one of the same name cannot stand in for', async () => {
    const other = createCertificateAuthority();
    expect(await handshake(other.certificate, createCertificateAuthority().issue())).not.toBe(200);
  });

  test('gives each certificate a serial number of its own', () => {
    const ca = createCertificateAuthority();
    const serials = [ca, ca.issue(), ca.issue()].map(
      ({ certificate }) => new X509Certificate(certificate).serialNumber,
    );
    expect(new Set(serials).size).toBe(3);
  });

  test('writes names, times and purposes as asked', () => {
    const notBefore = new Date('2026-11-24T10:20:30Z');
    const notAfter = new Date('2051-01-02T03:04:05Z');
    const hosts = ['localhost', '10.0.0.1', '::1', '2001:db8::5:0:1'];
    const leaf = createCertificateAuthority().issue({ commonName: 'a webhook', hosts, notBefore, notAfter });
    const parsed = new X509Certificate(leaf.certificate);
    expect(parsed.subject).toBe('CN=a webhook');
    expect([parsed.validFromDate, parsed.validToDate]).toEqual([notBefore, notAfter]);
    expect(parsed.subjectAltName).toBe(
      'DNS:localhost, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:5:0:1',
    );
    expect(parsed.ca).toBe(false);
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  });
});
