import { describe, expect, test } from 'vitest';
import { parseMapping, type RoleMapping } from '../../src/identity/mapping.ts';
import { resolveIdentity } from '../../src/identity/resolve.ts';
import { parseServiceAccountAnnotations } from '../../src/identity/service-account-annotations.ts';
import { defaultsWith, role } from './support.ts';

const otherRole = 'arn:aws:iam::111122223333:role/other';

function mapping(document: object): RoleMapping {
  const parsed = parseMapping(JSON.stringify(document));
  if (parsed.kind === 'malformed') throw new Error(parsed.detail);
  return parsed.mapping;
}

function resolve(given: {
  annotations?: { [name: string]: string };
  mapping?: object;
  associated?: boolean;
  exists?: boolean;
  defaults?: ReturnType<typeof defaultsWith>;
}) {
  const defaults = given.defaults ?? defaultsWith();
  return resolveIdentity({
    account: { namespace: 'ns', name: 'sa' },
    serviceAccount: parseServiceAccountAnnotations(given.annotations, defaults),
    serviceAccountExists: given.exists ?? true,
    mapping: mapping(given.mapping ?? {}),
    associated: given.associated ?? false,
    defaults,
  });
}

const annotated = { 'eks.amazonaws.com/role-arn': role };

describe('resolveIdentity()', () => {
  test('takes the role and its settings from the ServiceAccount', () => {
    const annotations = {
      ...annotated,
      'eks.amazonaws.com/audience': 'aud',
      'eks.amazonaws.com/sts-regional-endpoints': 'true',
      'eks.amazonaws.com/token-expiration': '3600',
    };
    expect(resolve({ annotations })).toEqual({
      kind: 'identity',
      identity: {
        method: 'web_identity',
        roleArn: { value: role, from: 'service_account' },
        audience: { value: 'aud', from: 'service_account' },
        expirationSeconds: { value: 3600, from: 'service_account' },
        regionalSts: { value: true, from: 'service_account' },
        notices: [],
      },
    });
  });

  test('E56: prefers the ServiceAccount to the mapping', () => {
    const answer = resolve({ annotations: annotated, mapping: { 'ns/sa': { RoleARN: otherRole, Audience: 'x' } } });
    expect(answer).toMatchObject({
      identity: { roleArn: { value: role }, audience: { value: 'sts.amazonaws.com', from: 'flag' } },
    });
  });

  test('E58: takes all settings from where the role comes from, then from the flags', () => {
    const annotations = { 'eks.amazonaws.com/audience': 'ignored', 'eks.amazonaws.com/token-expiration': '1200' };
    const answer = resolve({ annotations, mapping: { 'ns/sa': { RoleARN: role, TokenExpiration: 900 } } });
    expect(answer).toMatchObject({
      identity: {
        roleArn: { value: role, from: 'mapping' },
        audience: { value: 'sts.amazonaws.com', from: 'flag' },
        expirationSeconds: { value: 900, from: 'mapping' },
      },
    });
  });

  test('E61: sees an exact entry without a role as an explicit none', () => {
    const answer = resolve({ mapping: { 'ns/sa': { RoleARN: '' }, '*/sa': { RoleARN: role } } });
    expect(answer).toMatchObject({ kind: 'none', reason: 'mapped_to_no_role' });
  });

  test('E65: prefers container credentials to everything, with the settings of the account', () => {
    const annotations = { ...annotated, 'eks.amazonaws.com/token-expiration': '3600' };
    const answer = resolve({
      annotations,
      associated: true,
      mapping: { '*/sa': { RoleARN: role, UseRegionalSTS: true } },
    });
    expect(answer).toMatchObject({
      identity: {
        method: 'container_credentials',
        audience: { value: 'pods.eks.amazonaws.com', from: 'flag' },
        expirationSeconds: { value: 3600, from: 'service_account' },
        regionalSts: { value: true, from: 'mapping' },
      },
    });
  });

  test('E65: takes the flags for container credentials of an account that is not known', () => {
    const defaults = defaultsWith({ regionalSts: true, expirationSeconds: 1234 });
    expect(resolve({ associated: true, exists: false, defaults })).toMatchObject({
      identity: { expirationSeconds: { value: 1234, from: 'flag' }, regionalSts: { value: true, from: 'flag' } },
    });
  });

  test.each([
    { name: 'account', given: { annotations: { 'eks.amazonaws.com/role-arn': 'bob' } } },
    { name: 'mapping', given: { mapping: { 'ns/sa': { RoleARN: 'bob' } } } },
  ])('E50: injects and notes, or gives no identity, when the role of the $name is no ARN', ({ given }) => {
    expect(resolve(given)).toMatchObject({ kind: 'identity', identity: { notices: [{ code: 'invalid_role_arn' }] } });
    expect(resolve({ ...given, defaults: defaultsWith({ invalidRoleArn: 'skip' }) })).toMatchObject({
      kind: 'none',
      reason: 'invalid_role_arn',
      notices: [{ code: 'invalid_role_arn' }],
    });
  });

  const tooLong = `arn:aws:iam::111122223333:role/${'x'.repeat(65)}`;

  test.each([
    { name: 'account', given: { annotations: { 'eks.amazonaws.com/role-arn': tooLong } } },
    {
      name: 'account, whatever the mapping gives',
      given: { annotations: { 'eks.amazonaws.com/role-arn': tooLong }, mapping: { 'ns/sa': { RoleARN: role } } },
    },
    { name: 'mapping', given: { mapping: { 'ns/sa': { RoleARN: tooLong } } } },
    { name: 'mapping, by a pattern', given: { mapping: { 'ns/*': { RoleARN: tooLong } } } },
  ])('gives no identity when the role of the $name is longer than IAM allows', ({ given }) => {
    for (const invalidRoleArn of ['inject', 'skip'] as const) {
      expect(resolve({ ...given, defaults: defaultsWith({ invalidRoleArn }) })).toEqual({
        kind: 'none',
        reason: 'invalid_role_arn',
        detail: expect.stringContaining('a role name has at most 64 characters'),
        notices: [{ code: 'invalid_role_arn', detail: expect.stringContaining('at most 64 characters') }],
      });
    }
  });

  test('gives no identity, whatever the mapping gives, when the annotation is too long to be read', () => {
    const annotations = { 'eks.amazonaws.com/role-arn': role.padEnd(2_049, ' ') };
    expect(resolve({ annotations, mapping: { 'ns/sa': { RoleARN: role } } })).toMatchObject({
      kind: 'none',
      reason: 'invalid_role_arn',
      notices: [{ code: 'annotation_too_long' }],
    });
    expect(resolve({ annotations, associated: true })).toMatchObject({ identity: { notices: [] } });
  });

  test.each([
    { exists: true, reason: 'no_role', detail: 'ServiceAccount "ns/sa" has no annotation eks.amazonaws.com/role-arn' },
    { exists: false, reason: 'service_account_not_found', detail: 'ServiceAccount "ns/sa" does not exist' },
  ])('says $reason when nothing gives a role', ({ exists, reason, detail }) => {
    expect(resolve({ exists })).toMatchObject({ kind: 'none', reason, detail });
  });
});
