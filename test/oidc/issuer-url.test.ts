import { describe, expect, test } from 'vitest';
import { OidcError } from '../../src/oidc/remark.ts';
import { checkIssuer, defaultKeySetUrl, discoveryUrl } from '../../src/oidc/issuer-url.ts';

describe('checkIssuer()', () => {
  test.each(['https://a.example', 'https://a.example/', 'https://A.example/x/y', 'https://127.0.0.1:6443'])(
    'takes %s as it is',
    issuer => {
      expect(checkIssuer(issuer, '--issuer')).toBe(issuer);
    },
  );

  test.each([
    '',
    'a.example',
    'http://a.example',
    'ftp://a.example',
    'https://',
    'https://a.example?x=1',
    'https://a.example?',
    'https://a.example/#x',
    'https://user:secret@a.example',
    'https://a.example/a b',
    ' https://a.example',
    'kubernetes/serviceaccount',
    `https://a.example/${'x'.repeat(2_100)}`,
  ])('throws invalid_url for %j', issuer => {
    expect(() => checkIssuer(issuer, '--issuer')).toThrow(OidcError);
    expect(() => checkIssuer(issuer, '--issuer')).toThrow(/^--issuer: expected an https URL/);
  });
});

describe('discoveryUrl()', () => {
  test.each([
    { issuer: 'https://a.example', expected: 'https://a.example/.well-known/openid-configuration' },
    { issuer: 'https://a.example/', expected: 'https://a.example/.well-known/openid-configuration' },
    { issuer: 'https://a.example/x', expected: 'https://a.example/x/.well-known/openid-configuration' },
  ])('is beneath $issuer', ({ issuer, expected }) => {
    expect(discoveryUrl(issuer)).toBe(expected);
    expect(defaultKeySetUrl(issuer)).toBe(expected.replace('.well-known/openid-configuration', 'openid/v1/jwks'));
  });
});
