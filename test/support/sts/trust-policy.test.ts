import { describe, expect, test } from 'vitest';
import { allowsWebIdentity, parseTrustPolicy, type TrustPolicyDocument } from './trust-policy.ts';

const providerArn = 'arn:aws:iam::111122223333:oidc-provider/issuer.example';
const principal = {
  providerArn,
  conditionKeys: {
    'issuer.example:sub': ['system:serviceaccount:team-a:app'],
    'issuer.example:aud': ['sts.amazonaws.com'],
  },
};

type Statement = TrustPolicyDocument['Statement'][number];

function policy(...statements: readonly Partial<Statement>[]): TrustPolicyDocument {
  const statement: Statement = {
    Effect: 'Allow',
    Principal: { Federated: providerArn },
    Action: 'sts:AssumeRoleWithWebIdentity',
  };
  return { Version: '2012-10-17', Statement: statements.map(changes => ({ ...statement, ...changes })) };
}

describe('allowsWebIdentity()', () => {
  const subject = (operator: 'StringEquals' | 'StringLike', value: string | string[]): Partial<Statement> => ({
    Condition: { [operator]: { 'issuer.example:sub': value } },
  });
  test.each<{ name: string; statements: readonly Partial<Statement>[]; expected: boolean }>([
    { name: 'no condition', statements: [{}], expected: true },
    { name: 'no statement', statements: [], expected: false },
    { name: 'another provider', statements: [{ Principal: { Federated: `${providerArn}2` } }], expected: false },
    {
      name: 'one of several providers',
      statements: [{ Principal: { Federated: ['x', providerArn] } }],
      expected: true,
    },
    { name: 'another action', statements: [{ Action: 'sts:AssumeRole' }], expected: false },
    {
      name: 'one of several actions',
      statements: [{ Action: ['sts:TagSession', 'sts:AssumeRoleWithWebIdentity'] }],
      expected: true,
    },
    { name: 'the subject', statements: [subject('StringEquals', 'system:serviceaccount:team-a:app')], expected: true },
    {
      name: 'another subject',
      statements: [subject('StringEquals', 'system:serviceaccount:team-a:ap')],
      expected: false,
    },
    { name: 'other case', statements: [subject('StringEquals', 'system:serviceaccount:team-A:app')], expected: false },
    { name: 'wildcards where they mean nothing', statements: [subject('StringEquals', '*')], expected: false },
    { name: 'one of several subjects', statements: [subject('StringLike', ['x', '*:app'])], expected: true },
    { name: 'a wildcard', statements: [subject('StringLike', 'system:serviceaccount:team-?:*')], expected: true },
    {
      name: 'a wildcard for one character',
      statements: [subject('StringLike', 'system:serviceaccount:?:app')],
      expected: false,
    },
    {
      name: 'a dot that is no wildcard',
      statements: [subject('StringLike', 'system.serviceaccount:*')],
      expected: false,
    },
    {
      name: 'a key that the token does not have',
      statements: [{ Condition: { StringLike: { 'other.example:sub': '*' } } }],
      expected: false,
    },
    {
      name: 'two conditions of which one fails',
      statements: [
        {
          Condition: {
            StringLike: { 'issuer.example:sub': '*' },
            StringEquals: { 'issuer.example:aud': 'other' },
          },
        },
      ],
      expected: false,
    },
    { name: 'a Deny beside an Allow', statements: [{}, { Effect: 'Deny' }], expected: false },
    {
      name: 'a Deny that does not apply',
      statements: [{}, { Effect: 'Deny', Action: 'sts:AssumeRole' }],
      expected: true,
    },
  ])('gives $expected for $name', ({ statements, expected }) => {
    expect(allowsWebIdentity(parseTrustPolicy(policy(...statements)), principal)).toBe(expected);
  });
});

describe('parseTrustPolicy()', () => {
  test.each([
    {
      name: 'an operator that is not evaluated',
      document: policy({ Condition: { StringNotLike: { a: 'b' } } as object }),
    },
    {
      name: 'a principal of another kind',
      document: policy({ Principal: { AWS: '*' } as unknown as { Federated: string } }),
    },
    { name: 'another version', document: { ...policy({}), Version: '2008-10-17' } },
    { name: 'no statements', document: { Version: '2012-10-17' } },
  ])('refuses $name', ({ document }) => {
    expect(() => parseTrustPolicy(document)).toThrow();
  });
});
