import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { X509Certificate } from 'node:crypto';
import { errorText } from '../util/error-text.ts';
import { GrowingBuffer } from '../util/growing-buffer.ts';
import { OidcError } from './remark.ts';
import { parseHttpsUrl } from './issuer-url.ts';

/** Fetches documents of an issuer over https. */
export interface FetchOptions {
  /** PEM of the authorities to trust instead of those of Node.js. */
  readonly ca: string | undefined;
  /** For one document with all its redirects, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Has HTTPS_PROXY and NO_PROXY where the way to the internet is a proxy. */
  readonly environment: { readonly [name: string]: string | undefined };
}

export interface FetchedDocument {
  /** Where it was in the end. */
  readonly url: string;
  readonly text: string;
  /** How often the server sent us elsewhere. */
  readonly redirects: number;
  /** Of the server that had the document. */
  readonly chain: CertificateChain;
}

/** 200 keys, which is more than AWS takes, need half of it. */
const maxDocumentBytes = 256 * 1024;

/** One from http to https or to another host name, and some for those who stack them. */
const maxRedirects = 3;

/**
 * Fetches a document, following a few redirects to https URLs. Rejects with OidcError: `invalid_url`, `not_reached`,
 * `not_trusted`, `timed_out`, `too_large`, `bad_status` or `bad_redirect`.
 */
export async function fetchDocument(address: string, options: FetchOptions): Promise<FetchedDocument> {
  const limit = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([limit, options.signal]);
  let url = parseHttpsUrl(address, 'document of the issuer');
  try {
    for (let redirects = 0; ; redirects += 1) {
      const response = await send(url, { ...options, signal });
      const target = redirectTarget(response, url);
      if (target === undefined) return await readDocument(response, url, redirects);
      response.destroy();
      if (redirects === maxRedirects) {
        throw new OidcError('bad_redirect', {
          text: `${address}: expected at most ${maxRedirects} redirects, found more`,
        });
      }
      url = target;
    }
  } catch (error) {
    if (error instanceof OidcError || options.signal.aborted) throw error;
    if (!limit.aborted) throw connectionError(error, url);
    const text = `${url.href}: expected the document within ${options.timeoutMs} ms, found no end of it`;
    throw new OidcError('timed_out', { text, cause: error });
  }
}

function send(url: URL, { ca, signal, environment }: FetchOptions): Promise<IncomingMessage> {
  // No connection is kept: each document shows its own server's certificates, and the program ends at once.
  const agent = new Agent({ proxyEnv: environment });
  const headers = { accept: 'application/json, */*', 'user-agent': 'irsa' };
  return new Promise((resolve, reject) => {
    get(url, { ca, signal, agent, headers }, resolve).on('error', reject);
  });
}

/** Where the answer sends us; undefined when it is the document itself. */
function redirectTarget({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined;
  const { location = '' } = headers;
  // Without a target it would be sent to itself.
  const target = location !== '' && URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (target?.protocol === 'https:') return target;
  throw new OidcError('bad_redirect', { text: `${from.href}: expected a redirect to an https URL`, found: location });
}

async function readDocument(response: IncomingMessage, url: URL, redirects: number): Promise<FetchedDocument> {
  const { statusCode = 0, socket } = response;
  const chain = readChain(socket instanceof TLSSocket ? socket : undefined);
  if (statusCode !== 200) {
    response.destroy();
    throw new OidcError('bad_status', { text: `${url.href}: expected HTTP status 200, found ${statusCode}` });
  }
  return { url: url.href, text: await readText(response, url), redirects, chain };
}

async function readText(response: IncomingMessage, url: URL): Promise<string> {
  const body = new GrowingBuffer(maxDocumentBytes);
  for await (const chunk of response) {
    if (Buffer.isBuffer(chunk) && !body.append(chunk)) {
      throw new OidcError('too_large', { text: `${url.href}: expected at most ${maxDocumentBytes} bytes, found more` });
    }
  }
  return body.take().toString('utf8');
}

function connectionError(cause: unknown, { href }: URL): OidcError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (/CERT|SIGNATURE|SELF_SIGNED|ISSUER|TLS|SSL/.test(code)) {
    const hint = 'Name its authority by --ca-file, if it is a private one.';
    return new OidcError('not_trusted', {
      text: `${href}: expected a certificate that is trusted: ${errorText(cause)}`,
      hint,
      cause,
    });
  }
  return new OidcError('not_reached', { text: `${href}: expected an answer: ${errorText(cause)}`, cause });
}

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
function readChain(socket: TLSSocket | undefined): CertificateChain {
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
