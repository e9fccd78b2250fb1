import { describe, expect, test } from 'vitest';
import { parseServiceAccountAnnotations } from '../../src/identity/service-account-annotations.ts';
import { defaultsWith, role } from './support.ts';

const composing = defaultsWith({ composeRoleArn: { accountId: '111122223333', partition: 'aws' } });

function parse(annotations: { [name: string]: unknown }, defaults = defaultsWith()) {
  const prefixed = Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [`eks.amazonaws.com/${name}`, value]),
  );
  return parseServiceAccountAnnotations(prefixed, defaults);
}

describe('parseServiceAccountAnnotations()', () => {
  test.each([
    { given: {}, name: 'no annotation of ours' },
    { given: { 'something-else': 'x' }, name: 'another annotation of the prefix' },
    { given: { 'role-arn': 5 }, name: 'a value that is no string' },
  ])('E46: gives nothing to keep when there is $name', ({ given }) => {
    expect(parse(given)).toBeUndefined();
  });

  test('gives nothing to keep when there are no annotations at all', () => {
    expect(parseServiceAccountAnnotations(undefined, defaultsWith())).toBeUndefined();
  });

  test.each([
    { name: 'E47: trims the role', given: { 'role-arn': ` \t${role}\n` }, expected: { roleArn: role } },
    { name: 'E48: sees no role in an empty value', given: { 'role-arn': '' }, expected: { roleArn: '' } },
    { name: 'E48: sees no role in white space', given: { 'role-arn': ' \n' }, expected: { roleArn: '' } },
    { name: 'E53: ignores an empty audience', given: { audience: '' }, expected: { roleArn: '' } },
    { name: 'E53: ignores a blank audience', given: { audience: '  ' }, expected: { roleArn: '' } },
    {
      name: 'E54: passes odd characters of an audience through',
      given: { audience: 'https://vault.example/?a=b&c#é😀' },
      expected: { roleArn: '', audience: 'https://vault.example/?a=b&c#é😀' },
    },
    {
      name: 'E55: reads ParseBool forms',
      given: { 'sts-regional-endpoints': ' T ' },
      expected: { roleArn: '', regionalSts: true },
    },
    {
      name: 'reads a lifetime',
      given: { 'token-expiration': '+3600' },
      expected: { roleArn: '', expirationSeconds: 3600 },
    },
  ])('$name', ({ given, expected }) => {
    expect(parse(given)).toEqual({ ...expected, notices: [] });
  });

  test('E48: sees no role in an empty value also when names are composed', () => {
    expect(parse({ 'role-arn': '' }, composing)?.roleArn).toBe('');
  });

  test('E52: composes a role name', () => {
    expect(parse({ 'role-arn': ' app ' }, composing)?.roleArn).toBe(role);
  });

  test('E66: reads annotations of the prefix given by flag, and no others', () => {
    const annotations = { 'iam.example.com/role-arn': role, 'eks.amazonaws.com/role-arn': 'other' };
    const facts = parseServiceAccountAnnotations(annotations, defaultsWith({ annotationPrefix: 'iam.example.com' }));
    expect(facts?.roleArn).toBe(role);
  });

  test.each([
    { text: '599', seconds: 600, code: 'token_expiration_raised' },
    { text: '600', seconds: 600, code: undefined },
    { text: '86401', seconds: 86_401, code: undefined },
    { text: '4294967296', seconds: 4_294_967_296, code: undefined },
    { text: '4294967297', seconds: 4_294_967_296, code: 'token_expiration_lowered' },
    { text: '9223372036854775807', seconds: 4_294_967_296, code: 'token_expiration_lowered' },
    { text: '9223372036854775808', seconds: undefined, code: 'invalid_token_expiration' },
    { text: '1h', seconds: undefined, code: 'invalid_token_expiration' },
  ])(
    'E120 E121 E122 E123: gives $seconds seconds and the notice $code when the lifetime is $text',
    ({ text, seconds, code }) => {
      const facts = parse({ 'token-expiration': text });
      expect(facts?.expirationSeconds).toBe(seconds);
      expect(facts?.notices[0]?.code).toBe(code);
    },
  );

  test('E50 E55: says what was expected, what was found and where', () => {
    const facts = parse({ 'role-arn': 'bob', 'sts-regional-endpoints': 'yes' });
    expect(facts?.notices.map(notice => notice.detail)).toEqual([
      'ServiceAccount annotation eks.amazonaws.com/role-arn: expected an IAM role ARN such as arn:aws:iam::111122223333:role/NAME, found "bob"',
      'ServiceAccount annotation eks.amazonaws.com/sts-regional-endpoints must be true or false, found "yes": ignored',
    ]);
  });

  const longest = 2_048;
  const padded = (text: string, characters: number): string => text.padEnd(characters, ' ');

  test.each([
    { annotation: 'role-arn', text: role, expected: { roleArn: role } },
    { annotation: 'audience', text: 'vault', expected: { roleArn: '', audience: 'vault' } },
    { annotation: 'audience', text: 'a'.repeat(longest), expected: { roleArn: '', audience: 'a'.repeat(longest) } },
    { annotation: 'sts-regional-endpoints', text: 'true', expected: { roleArn: '', regionalSts: true } },
    { annotation: 'token-expiration', text: '3600', expected: { roleArn: '', expirationSeconds: 3600 } },
  ])('reads 2,048 characters of $annotation, and no value of more', ({ annotation, text, expected }) => {
    expect(parse({ [annotation]: padded(text, longest) })).toEqual({ ...expected, notices: [] });
    const detail = `ServiceAccount annotation eks.amazonaws.com/${annotation} has 2049 characters, more than 2048: ignored`;
    expect(parse({ [annotation]: padded(text, longest + 1) })).toEqual({
      roleArn: '',
      ...(annotation === 'role-arn' ? { roleArnProblem: detail } : {}),
      notices: [{ code: 'annotation_too_long', detail }],
    });
  });

  test('keeps the other values when one annotation is too long', () => {
    const facts = parse({ 'role-arn': role, audience: 'a'.repeat(longest + 1), 'token-expiration': '1' });
    expect(facts).toMatchObject({ roleArn: role, expirationSeconds: 600 });
    expect(facts?.notices.map(({ code }) => code)).toEqual(['annotation_too_long', 'token_expiration_raised']);
    expect(facts).not.toHaveProperty('audience');
  });

  test('E17: keeps messages on one line and bounded, whatever the value', () => {
    const facts = parse({ 'role-arn': `x\n\u2028\u0000${'y'.repeat(2_000)}`, 'token-expiration': '\ud800' });
    for (const notice of facts?.notices ?? []) {
      expect(notice.detail).not.toMatch(/[\n\0]/);
      expect(notice.detail.length).toBeLessThan(400);
    }
    expect(facts?.notices).toHaveLength(2);
  });
});
