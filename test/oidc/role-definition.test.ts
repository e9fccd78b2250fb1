import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { roleNameOf, toCloudFormation, toTerraform } from '../../src/oidc/role-definition.ts';
import { trustPolicy, type TrustPolicy, parseProviderArn } from '../../src/oidc/trust-policy.ts';

const provider = parseProviderArn('arn:aws:iam::111122223333:oidc-provider/oidc.example.com');

function policyFor(name: string, audience = 'sts.amazonaws.com'): TrustPolicy {
  return trustPolicy([{ providers: [provider], audiences: [audience], serviceAccounts: [{ namespace: 'a', name }] }]);
}

function role(name: string, path = '/'): ReturnType<typeof roleNameOf> {
  return roleNameOf(`arn:aws:iam::111122223333:role${path}${name}`);
}

describe('roleNameOf()', () => {
  test('takes path and name apart', () => {
    expect(role('app', '/team/x/')).toMatchObject({ path: '/team/x/', name: 'app' });
    expect(role('app')).toMatchObject({ path: '/', name: 'app' });
  });
});

describe('toTerraform()', () => {
  test('declares each role under a label of its own, with the policy as JSON', () => {
    const text = toTerraform([
      { role: role('app.x', '/team/'), policy: policyFor('one') },
      { role: role('app_x'), policy: policyFor('two') },
      { role: role('1st'), policy: policyFor('three') },
      { role: undefined, policy: policyFor('four') },
    ]);
    const heads = Array.from(text.matchAll(/^resource "aws_iam_role" "([\w-]+)" \{$/gm), ([, label]) => label);
    expect(heads).toEqual(['app_x', 'app_x2', '_1st', 'irsa']);
    expect(text.match(/^ {2}(name|path) = .+$/gm)).toEqual([
      '  name = "app.x"',
      '  path = "/team/"',
      '  name = "app_x"',
      '  name = "1st"',
    ]);
    const policies = Array.from(text.matchAll(/jsonencode\(([\s\S]*?)\)\n\}/g), ([, json = '']) => JSON.parse(json));
    expect(policies).toEqual(['one', 'two', 'three', 'four'].map(name => policyFor(name)));
  });

  test('escapes what Terraform would take for a template', () => {
    expect(toTerraform([{ role: undefined, policy: policyFor('a', 'x${y}%{z}$') }])).toContain('"x$${y}%%{z}$"');
  });
});

describe('toCloudFormation()', () => {
  test('declares each role under a logical ID of its own', () => {
    const template = toCloudFormation([
      { role: role('app.x-y', '/team/'), policy: policyFor('one') },
      { role: role('app-xY'), policy: policyFor('two') },
      { role: undefined, policy: policyFor('three') },
    ]);
    expect(template).toEqual({
      AWSTemplateFormatVersion: '2010-09-09',
      Resources: {
        AppXYRole: {
          Type: 'AWS::IAM::Role',
          Properties: { RoleName: 'app.x-y', Path: '/team/', AssumeRolePolicyDocument: policyFor('one') },
        },
        AppXYRole2: {
          Type: 'AWS::IAM::Role',
          Properties: { RoleName: 'app-xY', AssumeRolePolicyDocument: policyFor('two') },
        },
        IrsaRole: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: policyFor('three') } },
      },
    });
    expect(parse(JSON.stringify(template))).toEqual(template);
  });
});
