import { describe, expect, test } from 'vitest';
import { composeRoleArn, namesRole, parseRoleArn, roleArnProblem } from '../../src/identity/role-arn.ts';

const partitions = ['aws', 'aws-cn', 'aws-us-gov', 'aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f', 'aws-eusc'];

describe('roleArnProblem()', () => {
  test.each(partitions)('E49: accepts a role of the partition %s', partition => {
    expect(roleArnProblem(`arn:${partition}:iam::111122223333:role/app`)).toBeUndefined();
  });

  test.each(['role/a/b/c', 'role/a+=,.@-_b', `role/${'a'.repeat(64)}`, `role/${'p/'.repeat(255)}name`])(
    'E51: accepts %s',
    resource => {
      expect(roleArnProblem(`arn:aws:iam::111122223333:${resource}`)).toBeUndefined();
    },
  );

  test.each([
    'arn:aws:iam::111122223333:user/bob',
    'arn:aws:iam::111122223333:instance-profile/app',
    'arn:aws:sts::111122223333:assumed-role/app/session',
    'arn:aws:iam::11112222333:role/app',
    'arn:aws:iam::111122223333:role/',
    'arn:aws:iam::111122223333:role/a//b',
    'arn:aws:iam::111122223333:role/a b',
    'arn:AWS:iam::111122223333:role/app',
    'role/app',
    'garbage',
    'arn:aws:iam::111122223333:role/app\n',
    `arn:aws:iam::111122223333:role/${'a'.repeat(65)}`,
    `arn:aws:iam::111122223333:role/${'p/'.repeat(256)}name`,
    `arn:aws:iam::111122223333:role/${'a/'.repeat(200_000)}`,
  ])('E50: says what was expected and found when the value is %s', arn => {
    expect(roleArnProblem(arn)).toMatch(
      /^expected an IAM role ARN such as arn:aws:iam::111122223333:role\/NAME, found "/,
    );
  });
});

describe('composeRoleArn()', () => {
  const parts = { accountId: '111122223333', partition: 'aws-us-gov' };

  test.each([
    { role: 's3-reader', expected: 'arn:aws-us-gov:iam::111122223333:role/s3-reader' },
    { role: 'p/x', expected: 'arn:aws-us-gov:iam::111122223333:role/p/x' },
    { role: '/p/x', expected: 'arn:aws-us-gov:iam::111122223333:role/p/x' },
    { role: 'role/x', expected: 'arn:aws-us-gov:iam::111122223333:role/x' },
    { role: '/role/x', expected: 'arn:aws-us-gov:iam::111122223333:role/x' },
    { role: 'arn:aws:iam::444455556666:role/x', expected: 'arn:aws:iam::444455556666:role/x' },
  ])('E52: gives $expected when the value is $role', ({ role, expected }) => {
    expect(composeRoleArn(role, parts)).toBe(expected);
  });
});

describe('parseRoleArn()', () => {
  const composing = { accountId: '111122223333', partition: 'aws' };
  const longestPath = `/${'p'.repeat(510)}/`;
  const longestName = 'n'.repeat(64);

  test.each([
    { name: 'the longest name', text: `arn:aws:iam::111122223333:role/${longestName}` },
    { name: 'the longest path', text: `arn:aws:iam::111122223333:role${longestPath}x` },
    { name: 'both', text: `arn:aws-iso-b:iam::111122223333:role${longestPath}${longestName}` },
    { name: 'a value that is no ARN', text: 'bob', hasProblem: true },
    { name: 'a value that is no ARN and as long as one', text: 'x'.repeat(640), hasProblem: true },
    { name: 'a short value of any characters', text: '\u0001é😀'.repeat(26), hasProblem: true },
    { name: 'a long user', text: `arn:aws:iam::111122223333:user/${'u'.repeat(65)}`, hasProblem: true },
  ])('keeps $name', ({ text, hasProblem = false }) => {
    const role = parseRoleArn(` ${text}\n`, 'here');
    expect(role.roleArn).toBe(text);
    expect(role.roleArnProblem !== undefined).toBe(hasProblem);
    expect(namesRole(role)).toBe(true);
  });

  test.each([
    { name: 'a name of 65 characters', text: `arn:aws:iam::111122223333:role/${longestName}n` },
    { name: 'a path of 513 characters', text: `arn:aws:iam::111122223333:role/p${longestPath}x` },
    { name: 'a long name of characters that IAM does not allow', text: `arn:aws:iam::1:role/${'é'.repeat(65)}` },
    { name: 'a long name after a path', text: `arn:aws-cn:iam::111122223333:role/a/b/${longestName}n` },
    { name: 'a value of 641 characters that is no ARN', text: 'x'.repeat(641) },
    { name: 'a value that JSON makes longer than 640 characters', text: '\u0001'.repeat(107) },
    { name: 'a composed name of 65 characters', text: `${longestName}n`, composeWith: composing },
    { name: 'a composed path of 513 characters', text: `p${longestPath}x`, composeWith: composing },
  ])('keeps nothing but the problem of $name', ({ text, composeWith }) => {
    const role = parseRoleArn(text, 'here', composeWith);
    expect(role.roleArn).toBe('');
    expect(role.roleArnProblem).toMatch(/^here: expected an IAM role ARN .* has at most \d+ characters$/);
    expect(role.roleArnProblem?.length).toBeLessThan(700);
    expect(namesRole(role)).toBe(true);
  });

  test.each(['', ' \t\n'])('sees no role in %j', text => {
    const role = parseRoleArn(text, 'here', composing);
    expect(role).toEqual({ roleArn: '' });
    expect(namesRole(role)).toBe(false);
  });
});
