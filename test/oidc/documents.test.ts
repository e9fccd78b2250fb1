import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { discoveryDocument, keySetDocument } from '../../src/oidc/documents.ts';
import { keyId, toPublicKey, toSigningJwk } from '../../src/oidc/signing-key.ts';
import { ecKeyPair, rsaKeyPair } from './keys.ts';

/** As kube-apiserver 1.36.3 served it for a key on P-256. */
const served =
  '{"keys":[{"use":"sig","kty":"EC","kid":"bXSwxGmrg3YfgANe2rFr3U34KZlTk2FCskBXZXGWStY","crv":"P-256","alg":"ES256",' +
  '"x":"ngWEG6LXvbcPUUXVjdvWaNVXtizlnWUQLFEutBUXkiw","y":"uhWFwTtHgSftTBw8maLZT0Ouf_wj_Xjlxvy3UQX0z8o"}]}';

const servedKey = createPublicKey({
  format: 'jwk',
  key: {
    kty: 'EC',
    crv: 'P-256',
    x: 'ngWEG6LXvbcPUUXVjdvWaNVXtizlnWUQLFEutBUXkiw',
    y: 'uhWFwTtHgSftTBw8maLZT0Ouf_wj_Xjlxvy3UQX0z8o',
  },
});

describe('keySetDocument()', () => {
  test('gives what kube-apiserver serves, byte for byte', () => {
    const jwk = toSigningJwk(servedKey);
    expect(keySetDocument(jwk === undefined ? [] : [jwk], { legacyEmptyKid: false })).toBe(served);
  });

  test('adds each key with an empty kid for tokens without one, after the others', () => {
    const keys = [ecKeyPair().jwk, rsaKeyPair().jwk];
    const document = JSON.parse(keySetDocument(keys, { legacyEmptyKid: true }));
    expect(document).toEqual({ keys: [...keys, { ...keys[0], kid: '' }, { ...keys[1], kid: '' }] });
  });
});

describe('toSigningJwk()', () => {
  test('writes coordinates that begin with zeros in full', () => {
    // One of 128 keys has one.
    for (let count = 0; count < 400; count += 1) {
      const { x, y } = ecKeyPair().jwk;
      expect([String(x).length, String(y).length]).toEqual([43, 43]);
    }
  });

  test.each([
    { name: 'RSA', pair: rsaKeyPair(), fields: ['use', 'kty', 'kid', 'alg', 'n', 'e'], alg: 'RS256' },
    { name: 'RSA 4096', pair: rsaKeyPair(4096), fields: ['use', 'kty', 'kid', 'alg', 'n', 'e'], alg: 'RS256' },
    { name: 'P-384', pair: ecKeyPair('P-384'), fields: ['use', 'kty', 'kid', 'crv', 'alg', 'x', 'y'], alg: 'ES384' },
    { name: 'P-521', pair: ecKeyPair('P-521'), fields: ['use', 'kty', 'kid', 'crv', 'alg', 'x', 'y'], alg: 'ES512' },
  ])(
    'has the fields of $name in the order of kube-apiserver, and the key can be read back',
    ({ pair, fields, alg }) => {
      expect(Object.keys(pair.jwk)).toEqual(fields);
      expect(pair.jwk).toMatchObject({ use: 'sig', alg, kid: keyId(pair.publicKey) });
      expect(toPublicKey(pair.jwk)?.equals(pair.publicKey)).toBe(true);
    },
  );
});

describe('discoveryDocument()', () => {
  const options = { issuer: 'https://a.example', jwksUri: 'https://a.example/openid/v1/jwks' };
  test('lists the algorithms of the keys, sorted and each once', () => {
    const keys = [rsaKeyPair().jwk, ecKeyPair('P-521').jwk, ecKeyPair().jwk, ecKeyPair().jwk];
    expect(discoveryDocument({ ...options, keys })).toBe(
      '{"issuer":"https://a.example","jwks_uri":"https://a.example/openid/v1/jwks","response_types_supported":["id_token"],' +
        '"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256","ES512","RS256"]}',
    );
  });

  test('lists RS256 when no keys are known', () => {
    expect(discoveryDocument({ ...options, keys: [] })).toContain('"id_token_signing_alg_values_supported":["RS256"]');
  });

  test('escapes what Go escapes', () => {
    const jwksUri = 'https://a.example/jwks?a=1&b=<2>\u2028';
    const document = discoveryDocument({ ...options, jwksUri, keys: [] });
    expect(document).toContain(String.raw`"jwks_uri":"https://a.example/jwks?a=1\u0026b=\u003c2\u003e\u2028"`);
    expect(JSON.parse(document)).toMatchObject({ jwks_uri: jwksUri });
  });
});
