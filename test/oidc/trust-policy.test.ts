import { describe, expect, test } from 'vitest';
import {
  trustPolicy,
  type TrustedAccount,
  type TrustGrant,
  parseProviderArn,
  providerOfIssuer,
  shortenAdvice,
  trustPolicyLength,
} from '../../src/oidc/trust-policy.ts';
import { startSts } from '../support/sts/sts-server.ts';
import { startTokenIssuer } from '../support/sts/token-issuer.ts';

const account = '111122223333';
const role = `arn:aws:iam::${account}:role/app`;
const provider = providerOfIssuer('https://oidc.example.com/a', { partition: 'aws', id: account });

function accounts(...names: readonly string[]): readonly TrustedAccount[] {
  return names.map(text => {
    const [namespace = '', name = ''] = text.split('/');
    return { namespace, name };
  });
}

function grant(...names: readonly string[]): TrustGrant {
  return { providers: [provider], audiences: ['sts.amazonaws.com'], serviceAccounts: accounts(...names) };
}

describe('trustPolicy()', () => {
  test('compares exact names by StringEquals and patterns by StringLike, each in a statement of its own', () => {
    const statement = {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/oidc.example.com/a` },
      Action: 'sts:AssumeRoleWithWebIdentity',
    };
    const aud = { 'oidc.example.com/a:aud': 'sts.amazonaws.com' };
    const sub = (value: string | readonly string[]): object => ({ 'oidc.example.com/a:sub': value });
    expect(trustPolicy([grant('a/b', 'c/*', 'd/e', 'a/b', 'f?/g')])).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          ...statement,
          Condition: {
            StringEquals: { ...aud, ...sub(['system:serviceaccount:a:b', 'system:serviceaccount:d:e']) },
          },
        },
        {
          ...statement,
          Condition: {
            StringEquals: aud,
            StringLike: sub(['system:serviceaccount:c:*', 'system:serviceaccount:f?:g']),
          },
        },
      ],
    });
  });

  test('has a statement for each provider', () => {
    const other = parseProviderArn(`arn:aws:iam::${account}:oidc-provider/oidc.example.com/b`);
    const policy = trustPolicy([{ ...grant('a/b'), providers: [provider, other] }]);
    expect(policy.Statement.map(({ Condition }) => Object.keys(Condition.StringEquals))).toEqual([
      ['oidc.example.com/a:aud', 'oidc.example.com/a:sub'],
      ['oidc.example.com/b:aud', 'oidc.example.com/b:sub'],
    ]);
  });

  interface Claims {
    readonly sub: string;
    readonly aud: string;
  }
  const right = { sub: 'system:serviceaccount:team-a:app', aud: 'sts.amazonaws.com' };
  const wrong = [
    { ...right, sub: 'system:serviceaccount:team-b:app' },
    { ...right, sub: 'system:serviceaccount:team-a:other' },
    { ...right, aud: 'vault' },
  ];
  test.each<{ trusted: readonly string[]; accepted: readonly Claims[]; refused: readonly Claims[] }>([
    { trusted: ['team-a/app'], accepted: [right], refused: wrong },
    { trusted: ['x/y', 'team-a/app'], accepted: [right], refused: wrong },
    { trusted: ['x/*', 'team-a/ap?'], accepted: [right], refused: wrong },
    {
      trusted: ['team-a/*'],
      accepted: [right, { ...right, sub: 'system:serviceaccount:team-a:other' }],
      refused: [wrong[0] ?? right, wrong[2] ?? right],
    },
    {
      trusted: ['*/app', 'x/y'],
      accepted: [right, { ...right, sub: 'system:serviceaccount:x:y' }],
      refused: [wrong[1] ?? right, wrong[2] ?? right],
    },
    { trusted: ['team-?/app'], accepted: [right], refused: [{ ...right, sub: 'system:serviceaccount:team-:app' }] },
  ])('lets STS accept the tokens of $trusted and no others', async ({ trusted, accepted, refused }) => {
    await using issuer = await startTokenIssuer();
    const providers = [providerOfIssuer(issuer.issuer, { partition: 'aws', id: account })];
    const policy = trustPolicy([
      { providers, audiences: ['sts.amazonaws.com'], serviceAccounts: accounts(...trusted) },
    ]);
    await using sts = await startSts({
      providers: [{ issuer: issuer.issuer, audiences: ['sts.amazonaws.com', 'vault'], ca: issuer.ca }],
      roles: [{ arn: role, trustPolicy: policy }],
    });
    const iat = Math.floor(Date.now() / 1000);
    const answer = async (claims: Claims): Promise<string> => {
      const token = await issuer.sign({ iss: issuer.issuer, iat, exp: iat + 600, ...claims });
      return assumeRole(sts.url, token);
    };
    for (const claims of accepted) expect(await answer(claims)).toContain('<AssumedRoleUser>');
    for (const claims of refused) expect(await answer(claims)).toContain('<Code>AccessDenied</Code>');
  });
});

async function assumeRole(url: string, token: string): Promise<string> {
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: 'test',
    WebIdentityToken: token,
  });
  return (await fetch(url, { method: 'POST', body })).text();
}

describe('parseProviderArn()', () => {
  test.each([
    'arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/ABCDEF',
    'arn:aws-us-gov:iam::111122223333:oidc-provider/a.example',
    'arn:aws:iam::111122223333:oidc-provider/a.example/',
  ])('takes %s', arn => {
    expect(parseProviderArn(arn)).toEqual({ arn, name: arn.slice(arn.indexOf('/') + 1) });
  });

  test.each([
    '',
    'oidc.example.com',
    'arn:aws:iam::1:oidc-provider/a.example',
    'arn:aws:iam::111122223333:saml-provider/a',
    'arn:aws:iam::111122223333:oidc-provider/',
    'arn:aws:iam::111122223333:oidc-provider/https://a.example "',
    'arn:aws:iam::111122223333:oidc-provider/${aws:username}',
    'arn:aws:iam::111122223333:oidc-provider/a\nb',
  ])('throws invalid_provider for %j', arn => {
    expect(() => parseProviderArn(arn)).toThrow(expect.objectContaining({ code: 'invalid_provider' }));
  });
});

describe('trustPolicyLength()', () => {
  test('counts no white space, wherever it is', () => {
    const policy = trustPolicy([grant('a/b')]);
    expect(trustPolicyLength(policy)).toBe(JSON.stringify(policy, null, 4).replaceAll(/\s/g, '').length);
  });
});

describe('shortenAdvice()', () => {
  test('counts what the pattern of the largest namespace would leave', () => {
    const names = Array.from({ length: 40 }, (_, index) => `team-a/app-${index}`);
    const [first, ...others] = shortenAdvice([grant('team-b/x', 'team-b/y', ...names)]);
    const length = trustPolicyLength(trustPolicy([grant('team-b/x', 'team-b/y', 'team-a/*')]));
    expect(first).toContain(`all of the 40 ServiceAccounts in team-a by the pattern team-a/*: ${length} characters`);
    expect(others).toHaveLength(1);
  });

  test('speaks of clusters only where there are several', () => {
    expect(shortenAdvice([{ ...grant('a/b'), providers: [provider, provider] }])).toHaveLength(2);
    expect(shortenAdvice([grant('a/b')])).toHaveLength(1);
  });
});
