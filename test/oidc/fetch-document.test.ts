import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { fetchDocument, type FetchedDocument } from '../../src/oidc/fetch-document.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { startIssuerServer } from '../support/issuer-server.ts';

const patientMs = 30_000;

function fetchFrom(url: string, ca: string | undefined, timeoutMs = patientMs): Promise<FetchedDocument> {
  return fetchDocument(url, { ca, timeoutMs, signal: new AbortController().signal, environment: {} });
}

function redirect(location: string, status = 302): RequestListener {
  return (_, response) => response.writeHead(status, { location }).end();
}

describe('fetchDocument()', () => {
  test('gives the document, where it was and how often it was sent there', async () => {
    await using server = await startIssuerServer(url => ({
      '/': redirect('/a', 301),
      '/a': redirect(`${url}/b`, 307),
      '/b': redirect('c', 308),
      '/c': 'here',
    }));
    expect(await fetchFrom(server.url, server.ca)).toMatchObject({
      url: `${server.url}/c`,
      text: 'here',
      redirects: 3,
    });
  });

  test.each([
    { chain: 'leaf' as const, top: 'localhost', root: 'root' },
    { chain: 'intermediate' as const, top: 'intermediate', root: 'root' },
    { chain: 'root' as const, top: 'root', root: 'root' },
  ])(
    'tells the last certificate that is sent and the root, with the chain up to $chain',
    async ({ chain, top, root }) => {
      await using server = await startIssuerServer(() => ({ '/': 'x' }), { chain });
      const { chain: found } = await fetchFrom(server.url, server.ca);
      const thumbprint = expect.stringMatching(/^[0-9a-f]{40}$/);
      expect(found).toEqual({
        top: { subject: expect.stringContaining(`CN=${top}`), thumbprint },
        root: { subject: expect.stringContaining(`CN=${root}`), thumbprint },
      });
      expect(found.top?.thumbprint === found.root?.thumbprint).toBe(top === root);
    },
  );

  test.each<{ name: string; answer: RequestListener; code: string; text: RegExp }>([
    {
      name: 'another status',
      answer: (_, response) => response.writeHead(403).end('secret page'),
      code: 'bad_status',
      text: /^https:\S+: expected HTTP status 200, found 403$/,
    },
    {
      name: 'a redirect without a target',
      answer: (_, response) => response.writeHead(302).end(),
      code: 'bad_redirect',
      text: /expected a redirect to an https URL$/,
    },
    {
      name: 'a redirect to plain http',
      answer: redirect('http://127.0.0.1/'),
      code: 'bad_redirect',
      text: /expected a redirect to an https URL$/,
    },
    {
      name: 'a redirect to a file',
      answer: redirect('file:///etc/passwd'),
      code: 'bad_redirect',
      text: /expected a redirect to an https URL$/,
    },
    {
      name: 'a redirect to itself',
      answer: redirect('/'),
      code: 'bad_redirect',
      text: /expected at most 3 redirects, found more$/,
    },
    {
      name: 'a huge document',
      answer: (_, response) => response.end('x'.repeat(300_000)),
      code: 'too_large',
      text: /expected at most 262144 bytes, found more$/,
    },
    {
      name: 'a document without an end',
      answer: (_, response) => {
        const timer = setInterval(() => response.write('x'.repeat(50_000)), 1);
        response.on('close', () => clearInterval(timer));
      },
      code: 'too_large',
      text: /expected at most 262144 bytes, found more$/,
    },
    {
      name: 'a document that is cut off',
      answer: (_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => response.destroy());
      },
      code: 'not_reached',
      text: /expected an answer: /,
    },
  ])('rejects with $code for $name', async ({ answer, code, text }) => {
    await using server = await startIssuerServer(() => ({ '/': answer }));
    await expect(fetchFrom(server.url, server.ca)).rejects.toMatchObject({ code, text: expect.stringMatching(text) });
  });

  test.each<{ name: string; answer: RequestListener }>([
    { name: 'that says nothing', answer: () => undefined },
    { name: 'that stops in the middle', answer: (_, response) => void response.write('{') },
  ])('rejects with timed_out for a server $name', async ({ answer }) => {
    await using server = await startIssuerServer(() => ({ '/': answer }));
    await expect(fetchFrom(server.url, server.ca, 100)).rejects.toMatchObject({
      code: 'timed_out',
      text: `${server.url}/: expected the document within 100 ms, found no end of it`,
    });
  });

  test('rejects with timed_out for all redirects together', async () => {
    await using server = await startIssuerServer(() => ({
      '/': (_, response) => void setTimeout(() => response.writeHead(302, { location: '/2' }).end(), 200),
      '/2': (_, response) => void setTimeout(() => response.end('late'), 200),
    }));
    await expect(fetchFrom(server.url, server.ca, 300)).rejects.toMatchObject({ code: 'timed_out' });
  });

  test('rejects with not_trusted for a certificate of somebody else, of another host, or of the past', async () => {
    const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') };
    await using server = await startIssuerServer(() => ({ '/': 'x' }));
    await using other = await startIssuerServer(() => ({ '/': 'x' }), { certificate: { hosts: ['other.example'] } });
    await using expired = await startIssuerServer(() => ({ '/': 'x' }), { certificate: past });
    const somebodyElse = createCertificateAuthority().certificate;
    for (const [url, ca] of [
      [server.url, undefined],
      [server.url, somebodyElse],
      [other.url, other.ca],
      [expired.url, expired.ca],
    ] as const) {
      await expect(fetchFrom(url, ca)).rejects.toMatchObject({ code: 'not_trusted' });
    }
  });

  test('rejects with not_reached where nobody listens, and with invalid_url for another scheme', async () => {
    const server = await startIssuerServer(() => ({}));
    await server[Symbol.asyncDispose]();
    await expect(fetchFrom(server.url, server.ca)).rejects.toMatchObject({ code: 'not_reached' });
    await expect(fetchFrom('http://127.0.0.1/', undefined)).rejects.toMatchObject({ code: 'invalid_url' });
  });

  test('rejects at once when the caller ends it', async () => {
    await using server = await startIssuerServer(() => ({ '/': () => undefined }));
    const signal = AbortSignal.timeout(50);
    await expect(
      fetchDocument(server.url, { ca: server.ca, timeoutMs: patientMs, signal, environment: {} }),
    ).rejects.toThrow();
    expect(signal.aborted).toBe(true);
  });
});
