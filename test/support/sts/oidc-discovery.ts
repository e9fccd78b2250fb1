import { get } from 'node:https';
import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { StsError } from './sts-error.ts';

const timeoutMs = 5_000;
const maxBytes = 1024 * 1024;

const discoveryDocument = z.looseObject({ issuer: z.string(), jwks_uri: z.string().startsWith('https://') });
const keySet = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** Fetches the issuer's keys the way AWS does: the discovery document first, then the `jwks_uri` that it names. */
export async function fetchKeys(issuer: string, ca: string | undefined): Promise<JSONWebKeySet> {
  const discovery = discoveryDocument.safeParse(await fetchJson(`${issuer}/.well-known/openid-configuration`, ca));
  if (!discovery.success || discovery.data.issuer !== issuer) throw noVerificationKey();
  const keys = keySet.safeParse(await fetchJson(discovery.data.jwks_uri, ca));
  if (!keys.success) throw noVerificationKey();
  return keys.data;
}

export function noVerificationKey(cause?: unknown): StsError {
  const message =
    "Couldn't retrieve verification key from your identity provider,  " + // with two spaces, as AWS has it
    'please reference AssumeRoleWithWebIdentity documentation for requirements';
  return new StsError('InvalidIdentityToken', message, { cause });
}

async function fetchJson(url: string, ca: string | undefined): Promise<unknown> {
  const { status, text } = await fetchText(url, ca).catch((error: unknown) => {
    throw isCertificateRefused(error) ? wrongCertificate(error) : notReached(error);
  });
  if (status !== 200) throw noVerificationKey();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw noVerificationKey(error);
  }
}

function fetchText(url: string, ca: string | undefined): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { ...(ca !== undefined && { ca }), agent: false, signal: AbortSignal.timeout(timeoutMs) };
    const request = get(url, options, response => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.length > maxBytes) request.destroy(new Error(`expected at most ${maxBytes} bytes from ${url}`));
      });
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode, text }));
    });
    request.on('error', reject);
  });
}

function isCertificateRefused(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /CERT|SIGNATURE|SELF_SIGNED/.test(code);
}

function wrongCertificate(cause: unknown): StsError {
  const message = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint";
  return new StsError('InvalidIdentityToken', message, { cause });
}

function notReached(cause: unknown): StsError {
  const message = 'The identity provider that was asked to verify the incoming identity token could not be reached';
  return new StsError('IDPCommunicationError', message, { cause });
}
