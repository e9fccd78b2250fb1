import { describe, expect, test } from 'vitest';
import { emptyMapping, parseMapping, type RoleMapping } from '../../src/identity/mapping.ts';
import { role } from './support.ts';

function mappingOf(document: unknown): { mapping: RoleMapping; problems: readonly string[] } {
  const parsed = parseMapping(JSON.stringify(document));
  if (parsed.kind === 'malformed') throw new Error(`expected a mapping, found: ${parsed.detail}`);
  return parsed;
}

describe('parseMapping()', () => {
  test('reads the fields without regard to case, and ignores unknown ones', () => {
    const entry = { ROLEARN: ` ${role} `, audience: 'a', useRegionalSTS: true, TokenExpiration: 3600, other: [] };
    expect(mappingOf({ 'ns/sa': entry }).mapping.find('ns', 'sa')).toEqual({
      key: 'ns/sa',
      roleArn: role,
      audience: 'a',
      regionalSts: true,
      expirationSeconds: 3600,
    });
  });

  test('E58: leaves settings that are absent, empty or null to the flags', () => {
    const { mapping } = mappingOf({
      'ns/sa': { RoleARN: role, Audience: '', UseRegionalSTS: null, TokenExpiration: 0 },
    });
    expect(mapping.find('ns', 'sa')).toEqual({ key: 'ns/sa', roleArn: role });
  });

  test.each([
    { given: 5, expected: 600 },
    { given: -1, expected: 600 },
    { given: 4_294_967_297, expected: 4_294_967_296 },
    { given: 1e300, expected: 4_294_967_296 },
  ])('E59 E122: brings the lifetime $given to $expected', ({ given, expected }) => {
    const { mapping } = mappingOf({ 'ns/sa': { RoleARN: role, TokenExpiration: given } });
    expect(mapping.find('ns', 'sa')?.expirationSeconds).toBe(expected);
  });

  test.each([
    { key: 'no-slash', value: { RoleARN: role }, problem: 'mapping key "no-slash": expected "namespace/name"' },
    { key: '/sa', value: { RoleARN: role }, problem: 'mapping key "/sa": expected "namespace/name"' },
    { key: 'bad/null', value: null, problem: 'mapping entry "bad/null": expected an object with RoleARN' },
    { key: 'bad/list', value: [], problem: 'mapping entry "bad/list": expected an object with RoleARN' },
    {
      key: 'bad/role',
      value: { RoleARN: 5 },
      problem: 'mapping entry "bad/role": RoleARN: Invalid input: expected string, received number',
    },
    {
      key: 'bad/sts',
      value: { UseRegionalSTS: 'true' },
      problem: 'mapping entry "bad/sts": UseRegionalSTS: Invalid input: expected boolean, received string',
    },
    {
      key: 'bad/expiration',
      value: { TokenExpiration: 1.5 },
      problem: 'mapping entry "bad/expiration": TokenExpiration: expected a whole number of seconds',
    },
    {
      key: 'bad/audience',
      value: { Audience: 'a'.repeat(2_049) },
      problem: 'mapping entry "bad/audience": Audience: more than 2048 characters',
    },
    {
      key: `bad/${'a'.repeat(2_045)}`,
      value: { RoleARN: role },
      problem: `mapping key "bad/${'a'.repeat(76)}…": more than 2048 characters`,
    },
  ])('E57: loses only the entry $key', ({ key, value, problem }) => {
    const { mapping, problems } = mappingOf({ [key]: value, 'ns/sa': { RoleARN: role } });
    expect(problems).toEqual([problem]);
    expect(mapping.size).toBe(1);
    expect(mapping.find('ns', 'sa')?.roleArn).toBe(role);
  });

  test.each(['', 'null', '[]', '"text"', '{', '{"ns/sa":', '\ufeff{}'])(
    'E57: refuses the document %s as a whole',
    text => {
      expect(parseMapping(text)).toEqual({
        kind: 'malformed',
        detail: 'expected a JSON object from "namespace/name" to an entry',
      });
    },
  );

  test('E15: takes keys such as __proto__ as data', () => {
    const parsed = parseMapping('{"__proto__":{"RoleARN":"x"},"__proto__/constructor":{"__proto__":{"RoleARN":"y"}}}');
    expect(parsed).toMatchObject({ kind: 'mapping', problems: ['mapping key "__proto__": expected "namespace/name"'] });
    expect(parsed.kind === 'mapping' && parsed.mapping.find('__proto__', 'constructor')?.roleArn).toBe('');
  });

  test('ignores parts of a key beyond the second, as the AWS webhook does', () => {
    expect(mappingOf({ 'ns/sa/extra': { RoleARN: role } }).mapping.find('ns', 'sa')?.roleArn).toBe(role);
  });

  test('E52: composes role names where asked to', () => {
    const parsed = parseMapping('{"ns/sa":{"RoleARN":"app"}}', { accountId: '111122223333', partition: 'aws' });
    expect(parsed.kind === 'mapping' && parsed.mapping.find('ns', 'sa')?.roleArn).toBe(role);
  });

  test('E50: says what is wrong with a role', () => {
    expect(mappingOf({ 'ns/sa': { RoleARN: 'bob' } }).mapping.find('ns', 'sa')?.roleArnProblem).toBe(
      'mapping entry "ns/sa" RoleARN: expected an IAM role ARN such as arn:aws:iam::111122223333:role/NAME, found "bob"',
    );
  });
});

describe('RoleMapping.find()', () => {
  const keys = ['*/app', 'test-*/app', 'test-a*/app', 'ns/app-*', 'ns/app-1', '*/app-1', '*/*', 'ns/*-x-*'];
  const document = Object.fromEntries(keys.map(key => [key, { RoleARN: key }]));

  test.each([
    { namespace: 'other', name: 'app', expected: '*/app' },
    { namespace: 'test-b', name: 'app', expected: 'test-*/app' },
    { namespace: 'test-abc', name: 'app', expected: 'test-a*/app' },
    { namespace: 'ns', name: 'app-1', expected: 'ns/app-1' },
    { namespace: 'ns', name: 'app-2', expected: 'ns/app-*' },
    { namespace: 'ns', name: 'a-x-b', expected: 'ns/*-x-*' },
    { namespace: 'elsewhere', name: 'app-1', expected: '*/app-1' },
    { namespace: 'elsewhere', name: 'anything', expected: '*/*' },
  ])('E61 E62: gives $expected when asked for $namespace/$name', ({ namespace, name, expected }) => {
    expect(mappingOf(document).mapping.find(namespace, name)?.key).toBe(expected);
    const reversed = Object.fromEntries(Object.entries(document).toReversed());
    expect(mappingOf(reversed).mapping.find(namespace, name)?.key).toBe(expected);
  });

  test('E62: never lets a star reach over the slash', () => {
    expect(mappingOf({ 'a*': { RoleARN: role }, 'a*/c': { RoleARN: role } }).mapping.find('a', 'b/c')).toBeUndefined();
  });

  test('finds nothing in the empty mapping', () => {
    expect(emptyMapping.find('ns', 'sa')).toBeUndefined();
  });
});
