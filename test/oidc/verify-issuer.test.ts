import { describe, expect, test } from 'vitest';
import { discoveryDocument, keySetDocument } from '../../src/oidc/documents.ts';
import { verifyIssuer, type IssuerReport } from '../../src/oidc/verify-issuer.ts';
import type { JsonObject } from '../../src/util/json.ts';
import { startIssuerServer, type Answer } from '../support/issuer-server.ts';
import { ecKeyPair, rsaKeyPair } from './keys.ts';

const rsa = rsaKeyPair();
const ec = ecKeyPair();
const weak = rsaKeyPair(1024);
const rs256 = { id_token_signing_alg_values_supported: ['RS256'] };
const notFound: Answer = (_, response) => response.writeHead(404).end();
const movedKeys: Answer = (_, response) => response.writeHead(302, { location: '/moved' }).end();
const discoveryPath = '/.well-known/openid-configuration';

interface Published {
  /** What differs from sound documents. */
  readonly discovery?: JsonObject;
  readonly keys?: readonly JsonObject[];
  readonly answers?: { readonly [path: string]: Answer };
  readonly signingKeys?: readonly JsonObject[];
}

/** Codes of the remarks by severity, from an issuer that publishes this. */
async function verify({ discovery, keys = [rsa.jwk, ec.jwk], answers, signingKeys }: Published): Promise<IssuerReport> {
  await using server = await startIssuerServer(url => {
    const sound = discoveryDocument({ issuer: url, jwksUri: `${url}/openid/v1/jwks`, keys });
    return {
      [discoveryPath]: { ...JSON.parse(sound), ...discovery },
      '/openid/v1/jwks': keySetDocument(keys, { legacyEmptyKid: false }),
      ...answers,
    };
  });
  const options = { ca: server.ca, timeoutMs: 30_000, signal: new AbortController().signal, environment: {} };
  return await verifyIssuer({ ...options, issuer: server.url, signingKeys });
}

function codes({ remarks }: IssuerReport): readonly string[] {
  // That of the loopback server's port comes with all.
  return remarks.flatMap(({ code, severity }) =>
    severity === 'ok' || code === 'provider_url_with_port' ? [] : [code],
  );
}

describe('verifyIssuer()', () => {
  test('passes sound documents, and tells keys and thumbprint', async () => {
    const report = await verify({ signingKeys: [ec.jwk] });
    expect(report.remarks.map(({ code, severity }) => [code, severity])).toEqual([
      ['provider_url_with_port', 'warning'],
      ['discovery_read', 'ok'],
      ['issuer_agrees', 'ok'],
      ['keys_read', 'ok'],
      ['algorithms_agree', 'ok'],
      ['signing_keys_published', 'ok'],
    ]);
    expect(report.jwksUri).toBe(`${report.issuer}/openid/v1/jwks`);
    expect(report.keys).toEqual([
      { kid: rsa.jwk.kid, kty: 'RSA', alg: 'RS256', size: 'RSA 2048' },
      { kid: ec.jwk.kid, kty: 'EC', alg: 'ES256', size: 'P-256' },
    ]);
    expect(report.chain?.top?.thumbprint).toMatch(/^[0-9a-f]{40}$/);
  });

  test.each<{ name: string; published: Published }>([
    { name: 'the same key twice, as of kube-apiserver', published: { keys: [rsa.jwk, rsa.jwk] } },
    {
      name: 'several keys with an empty kid',
      published: {
        keys: [
          { ...rsa.jwk, kid: '' },
          { ...ec.jwk, kid: '' },
        ],
      },
    },
    {
      name: 'a key without alg and use',
      published: { keys: [{ ...rsa.jwk, alg: undefined, use: undefined }], discovery: rs256 },
    },
  ])('passes $name', async ({ published }) => {
    expect(codes(await verify(published))).toEqual([]);
  });

  test.each<{ name: string; published: Published; code: string | readonly string[] }>([
    { name: 'no discovery document', published: { answers: { [discoveryPath]: notFound } }, code: 'bad_status' },
    { name: 'a page instead of it', published: { answers: { [discoveryPath]: '<html>' } }, code: 'invalid_discovery' },
    { name: 'a list instead of it', published: { answers: { [discoveryPath]: '[]' } }, code: 'invalid_discovery' },
    { name: 'another issuer', published: { discovery: { issuer: 'https://b.example' } }, code: 'issuer_differs' },
    { name: 'no issuer', published: { discovery: { issuer: undefined } }, code: 'issuer_differs' },
    { name: 'no jwks_uri', published: { discovery: { jwks_uri: undefined } }, code: 'jwks_uri_missing' },
    {
      name: 'a jwks_uri of plain http',
      published: { discovery: { jwks_uri: 'http://b.example' } },
      code: 'invalid_url',
    },
    { name: 'a jwks_uri that is no URL', published: { discovery: { jwks_uri: 'keys' } }, code: 'invalid_url' },
    { name: 'no key set', published: { answers: { '/openid/v1/jwks': notFound } }, code: 'bad_status' },
    { name: 'a page instead of it', published: { answers: { '/openid/v1/jwks': '<html>' } }, code: 'invalid_key_set' },
    { name: 'an object without keys', published: { answers: { '/openid/v1/jwks': '{}' } }, code: 'invalid_key_set' },
    {
      name: 'keys that are no objects',
      published: { answers: { '/openid/v1/jwks': '{"keys":[1]}' } },
      code: 'invalid_key_set',
    },
    {
      name: 'keys without kty',
      published: { answers: { '/openid/v1/jwks': '{"keys":[{}]}' } },
      code: 'invalid_key_set',
    },
    { name: 'too many keys', published: { keys: Array.from({ length: 201 }, () => ec.jwk) }, code: 'invalid_key_set' },
    { name: 'no keys', published: { keys: [] }, code: 'no_published_keys' },
    { name: 'a key without kid', published: { keys: [{ ...ec.jwk, kid: undefined }] }, code: 'key_without_kid' },
    { name: 'a key cut short', published: { keys: [{ ...ec.jwk, y: 'AA' }] }, code: 'key_malformed' },
    {
      name: 'a shared secret',
      published: { keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'a', alg: 'HS256' }] },
      code: ['key_malformed', 'key_algorithm_not_accepted'],
    },
    { name: 'a private key', published: { keys: [{ ...ec.jwk, d: 'AAAA' }] }, code: 'private_key_published' },
    { name: 'a key for encryption', published: { keys: [{ ...ec.jwk, use: 'enc' }] }, code: 'key_not_for_signatures' },
    {
      name: 'two keys of one kid',
      published: { keys: [ec.jwk, { ...rsa.jwk, kid: ec.jwk.kid }] },
      code: 'kid_repeated',
    },
    { name: 'algorithms that are not listed', published: { discovery: rs256 }, code: 'algorithm_not_listed' },
    {
      name: 'no algorithms',
      published: { discovery: { id_token_signing_alg_values_supported: undefined } },
      code: 'algorithm_not_listed',
    },
    { name: 'the key of another cluster', published: { signingKeys: [weak.jwk] }, code: 'signing_key_not_published' },
    {
      name: 'the key under another kid',
      published: { keys: [{ ...ec.jwk, kid: 'other' }], signingKeys: [ec.jwk] },
      code: 'signing_key_not_published',
    },
    {
      name: 'another key under its kid',
      published: { keys: [{ ...rsa.jwk, kid: ec.jwk.kid }], signingKeys: [ec.jwk] },
      code: 'signing_key_not_published',
    },
    {
      name: 'a discovery document that is elsewhere',
      published: {
        answers: { '/openid/v1/jwks': movedKeys, '/moved': keySetDocument([ec.jwk], { legacyEmptyKid: false }) },
      },
      code: 'redirected',
    },
  ])('finds $code in $name', async ({ published, code }) => {
    expect(codes(await verify(published))).toEqual(typeof code === 'string' ? [code] : code);
  });

  test('finds provider_url_too_long before anything is fetched', async () => {
    const issuer = `https://127.0.0.1:1/${'x'.repeat(255)}`;
    const options = { ca: undefined, timeoutMs: 30_000, signal: new AbortController().signal, environment: {} };
    const report = await verifyIssuer({ ...options, issuer, signingKeys: undefined });
    expect(codes(report)).toEqual(['provider_url_too_long', 'not_reached']);
  });
});
