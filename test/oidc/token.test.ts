import { SignJWT, type JWTHeaderParameters } from 'jose';
import { describe, expect, test } from 'vitest';
import { checkToken } from '../../src/oidc/check-token.ts';
import { decodeToken, type TokenFacts } from '../../src/oidc/service-account-token.ts';
import { verifySignature } from '../../src/oidc/verify-signature.ts';
import { ecKeyPair, rsaKeyPair, type KeyPair } from './keys.ts';

const ec = ecKeyPair();
const rsa = rsaKeyPair();
const weak = rsaKeyPair(1024);
const nowMs = Date.parse('2026-11-24T12:00:00.500Z');
const now = Math.floor(nowMs / 1000);

const claims = {
  iss: 'https://oidc.example.com',
  sub: 'system:serviceaccount:team-a:app',
  aud: ['sts.amazonaws.com'],
  iat: now - 60,
  nbf: now - 60,
  exp: now + 3540,
};

function sign(payload: object, { privateKey, jwk }: KeyPair = ec, header: object = { kid: jwk.kid }): Promise<string> {
  const protectedHeader: JWTHeaderParameters = { alg: jwk.alg, ...header };
  return new SignJWT({ ...payload }).setProtectedHeader(protectedHeader).sign(privateKey);
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A token with this payload; nobody verifies it. */
function tokenOf(payload: object, header: object = { alg: 'ES256', kid: 'a' }): string {
  return [part(header), part(payload), 'c2ln'].join('.');
}

describe('decodeToken()', () => {
  test('takes a token apart, with white space around it', () => {
    const bound = { namespace: 'team-a', serviceaccount: { name: 'app', uid: 'u1' }, pod: { name: 'p', uid: 'u2' } };
    const token = tokenOf({ ...claims, 'kubernetes.io': { ...bound, node: { name: 'n' } } });
    expect(decodeToken(`\n ${token}\r\n`, 'stdin')).toEqual({
      algorithm: 'ES256',
      kid: 'a',
      issuer: claims.iss,
      subject: claims.sub,
      audiences: claims.aud,
      expiresAt: claims.exp,
      issuedAt: claims.iat,
      notBefore: claims.nbf,
      bound: {
        namespace: 'team-a',
        serviceAccount: { name: 'app', uid: 'u1' },
        pod: { name: 'p', uid: 'u2' },
        node: { name: 'n', uid: undefined },
        secret: undefined,
      },
    });
  });

  test('gives one audience as a list of one', () => {
    expect(decodeToken(tokenOf({ aud: 'vault' }), 'stdin').audiences).toEqual(['vault']);
  });

  test.each([
    {
      name: 'claims of other types',
      payload: { iss: 1, sub: [], aud: 5, exp: '1', iat: {}, nbf: true, 'kubernetes.io': 'x' },
    },
    { name: 'times that are no integers', payload: { exp: 1.5, iat: 1e300, nbf: null } },
    { name: 'no claims', payload: {} },
    {
      name: 'bound objects of other types',
      payload: { 'kubernetes.io': { pod: 'p', node: { name: 7 }, namespace: [] } },
    },
  ])('takes $name for none', ({ payload }) => {
    const { algorithm: _alg, kid: _kid, audiences, bound, ...facts } = decodeToken(tokenOf(payload), 'stdin');
    expect(Object.values(facts)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(Object.values(bound)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(audiences).toEqual([]);
  });

  test.each([
    { name: 'nothing', text: '' },
    { name: 'one part', text: 'secretword' },
    { name: 'five parts', text: 'a.b.c.d.secretword' },
    { name: 'parts that are no JSON', text: 'secretword.secretword.secretword' },
    { name: 'parts that are no objects', text: `${part([1])}.${part('secretword')}.c` },
    { name: 'a payload that is no object', text: `${part({ alg: 'ES256' })}.${part('secretword')}.c` },
    { name: 'a token of any length', text: tokenOf({ ...claims, secretword: 'x'.repeat(20_000) }) },
  ])('throws invalid_token for $name and repeats nothing of it', ({ text }) => {
    let error: unknown;
    try {
      decodeToken(text, 'stdin');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'invalid_token', text: expect.stringMatching(/^stdin: expected a J/) });
    expect(String(error)).not.toContain('secretword');
  });
});

describe('checkToken()', () => {
  const facts = (changes: object, header?: object): TokenFacts =>
    decodeToken(tokenOf({ ...claims, ...changes }, header), 'stdin');
  const check = (token: TokenFacts, audiences = ['sts.amazonaws.com']): readonly string[] =>
    checkToken(token, { audiences, nowMs }).map(({ code, severity }) => `${severity} ${code}`);

  test.each([
    { name: 'a sound token', token: facts({}) },
    { name: 'several audiences', token: facts({ aud: ['x', 'sts.amazonaws.com'] }) },
    { name: 'a token of this second', token: facts({ iat: now, nbf: now }) },
    { name: 'a token in its last second', token: facts({ exp: now + 1 }) },
    { name: 'no nbf', token: facts({ nbf: undefined }) },
  ])('finds nothing in $name', ({ token }) => {
    expect(check(token)).toEqual([]);
  });

  test.each([
    { token: facts({ exp: now }), codes: ['error expired'] },
    { token: facts({ nbf: now + 1 }), codes: ['warning not_yet_valid'] },
    { token: facts({ nbf: now + 301 }), codes: ['error not_yet_valid'] },
    { token: facts({ iat: now + 300 }), codes: ['warning issued_in_future'] },
    { token: facts({ iat: now + 301, nbf: now + 301 }), codes: ['error issued_in_future', 'error not_yet_valid'] },
    { token: facts({ aud: ['https://kubernetes.default.svc'] }), codes: ['error audience_differs'] },
    { token: facts({ aud: 'STS.amazonaws.com' }), codes: ['error audience_differs'] },
    { token: facts({ iss: 'http://oidc.example.com' }), codes: ['error issuer_not_https'] },
    { token: facts({ iss: 'kubernetes/serviceaccount' }), codes: ['error issuer_not_https'] },
    { token: facts({ sub: 'alice' }), codes: ['error subject_not_a_service_account'] },
    { token: facts({ sub: 'system:serviceaccount:a' }), codes: ['error subject_not_a_service_account'] },
    { token: facts({}, { alg: 'HS256', kid: 'a' }), codes: ['error algorithm_not_accepted'] },
    { token: facts({}, { alg: 'none', kid: 'a' }), codes: ['error algorithm_not_accepted'] },
    { token: facts({}, { alg: 'ES256' }), codes: ['warning kid_missing'] },
    {
      token: facts({ iss: undefined, sub: undefined, aud: undefined, exp: undefined, iat: undefined }),
      codes: [
        'error issuer_missing',
        'error subject_missing',
        'error audience_differs',
        'error expiry_missing',
        'error issued_at_missing',
      ],
    },
  ])('finds $codes', ({ token, codes }) => {
    expect(check(token)).toEqual(codes);
  });

  test('takes any of the audiences that are expected', () => {
    expect(check(facts({ aud: 'vault' }), ['sts.amazonaws.com', 'vault'])).toEqual([]);
  });
});

describe('verifySignature()', () => {
  const verify = async (token: string, keys: readonly object[]): Promise<string> =>
    (
      await verifySignature(
        token,
        keys.map(key => ({ ...key })),
        'here',
      )
    ).code;

  test.each([ec, rsa, ecKeyPair('P-384'), ecKeyPair('P-521')])(
    'verifies by the key of the kid ($jwk.alg)',
    async pair => {
      expect(await verify(await sign(claims, pair), [rsa.jwk, ec.jwk, pair.jwk])).toBe('signature_verified');
    },
  );

  test('verifies by a key that is published twice, and an expired token too', async () => {
    expect(await verify(await sign({ ...claims, exp: 1 }), [ec.jwk, ec.jwk])).toBe('signature_verified');
  });

  test('verifies a token without kid by any key that fits', async () => {
    const token = await sign(claims, ec, {});
    expect(await verify(token, [ecKeyPair().jwk, rsa.jwk, ec.jwk])).toBe('signature_verified');
    expect(await verify(token, [ecKeyPair().jwk, ecKeyPair().jwk])).toBe('signature_invalid');
  });

  test.each<{ name: string; token: () => Promise<string>; keys: readonly object[]; code: string }>([
    { name: 'no key', token: () => sign(claims), keys: [], code: 'key_not_found' },
    {
      name: 'the key of another kid',
      token: () => sign(claims),
      keys: [{ ...ec.jwk, kid: 'x' }],
      code: 'key_not_found',
    },
    {
      name: 'another key of that kid',
      token: () => sign(claims),
      keys: [{ ...ecKeyPair().jwk, kid: ec.jwk.kid }],
      code: 'signature_invalid',
    },
    {
      name: 'other claims under the old signature',
      token: async () => {
        const [header, , signature] = (await sign(claims)).split('.');
        return [header, part({ ...claims, exp: now + 1e6 }), signature].join('.');
      },
      keys: [ec.jwk],
      code: 'signature_invalid',
    },
    {
      name: 'no signature',
      token: async () => [part({ alg: 'none', kid: ec.jwk.kid }), part(claims), ''].join('.'),
      keys: [ec.jwk],
      code: 'signature_not_verified',
    },
    {
      name: 'a shared secret made of the public key',
      token: () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', kid: ec.jwk.kid })
          .sign(new TextEncoder().encode(JSON.stringify(ec.jwk))),
      keys: [ec.jwk, { kty: 'oct', k: part(ec.jwk), kid: ec.jwk.kid }],
      code: 'signature_not_verified',
    },
    {
      name: 'a malformed key',
      token: () => sign(claims),
      keys: [{ ...ec.jwk, x: '!', y: '!' }],
      code: 'signature_not_verified',
    },
    {
      name: 'a key too weak',
      token: () => sign(claims, rsa, { kid: weak.jwk.kid }),
      keys: [weak.jwk],
      code: 'signature_not_verified',
    },
    {
      name: 'a key on another curve',
      token: () => sign(claims),
      keys: [{ ...ec.jwk, crv: 'P-999' }],
      code: 'key_not_found',
    },
  ])('gives $code for $name', async ({ token, keys, code }) => {
    expect(await verify(await token(), keys)).toBe(code);
  });
});
