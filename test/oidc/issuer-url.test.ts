import { describe, expect, test } from 'vitest';
import { OidcError } from '../../src/oidc/remark.ts';
import { checkIssuer, checkPublic, defaultKeySetUrl, discoveryUrl } from '../../src/oidc/issuer-url.ts';

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

describe('checkPublic()', () => {
  test.each([
    'https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE',
    'https://oidc.example.com:443/cluster-a',
    'https://svc.example.com',
    'https://local.example.com.',
    'https://cluster.localhost.example.com',
    'https://8.8.8.8',
    'https://172.32.0.1',
    'https://100.128.0.1',
    'https://[2606:4700::1111]',
    'kubernetes/serviceaccount',
  ])('finds nothing wrong with %s', issuer => {
    expect(checkPublic(issuer, 'iss')).toBeUndefined();
  });

  test.each<{ issuers: readonly string[]; why: string }>([
    {
      why: 'its host name is known only inside of the cluster or network',
      issuers: [
        'https://kubernetes.default.svc.cluster.local',
        'https://kubernetes.default.svc.cluster.local.',
        'https://kubernetes.default.svc',
        'https://kubernetes.default.svc.k8s.example.com',
        'https://KUBERNETES.default.SVC/x',
        'https://issuer.svc',
      ],
    },
    {
      why: 'its host name is known only inside of the cluster or network',
      issuers: [
        'https://master',
        'https://localhost',
        'https://a.localhost',
        'https://nas.local',
        'https://ip-10-0-0-1.ec2.internal',
      ],
    },
    {
      why: 'its address is private',
      issuers: [
        'https://127.0.0.1',
        'https://127.1:6443',
        'https://0x7f000001',
        'https://0.0.0.0',
        'https://10.1.2.3',
        'https://172.16.0.1',
        'https://172.31.255.255',
        'https://192.168.1.1',
        'https://169.254.1.1',
        'https://100.64.0.1',
        'https://[::1]',
        'https://[::]',
        'https://[fd00::1]',
        'https://[fe80::1]',
        'https://[::ffff:10.0.0.1]',
      ],
    },
    {
      why: 'IAM takes no port but 443, and not 6443',
      issuers: ['https://oidc.example.com:6443', 'https://8.8.8.8:6443/x'],
    },
  ])('says that AWS can never read $issuers, since $why (E230, E231, E232, E233)', ({ issuers, why }) => {
    for (const issuer of issuers) {
      expect(checkPublic(issuer, 'iss')).toMatchObject({
        code: 'issuer_not_public',
        severity: 'error',
        text: `iss: AWS can never read it, since ${why}`,
        found: issuer,
      });
    }
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
