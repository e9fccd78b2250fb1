import { describe, expect, test } from 'vitest';
import { composeRoleArn, roleArnProblem } from '../../src/identity/role-arn.ts';

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
