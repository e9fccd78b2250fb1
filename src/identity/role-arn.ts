import type { RoleArnParts } from './defaults.ts';
import { quote } from '../util/quote.ts';

/**
 * The ARN of an IAM role in any partition: `aws`, `aws-cn`, `aws-us-gov`, `aws-iso`, `aws-iso-b`, `aws-iso-e`,
 * `aws-iso-f`, `aws-eusc` and those to come (E49). Path and name take `\w+=,.@-` (E51).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const roleArnPattern = /^arn:aws[a-z0-9-]*:iam::[0-9]{12}:role(?<path>\/(?:[\w+=,.@-]+\/)*)(?<name>[\w+=,.@-]+)$/;
const maxNameCharacters = 64;
const maxPathCharacters = 512;
/** Longest ARN worth matching: partition and account fit in 64 characters. */
const maxArnCharacters = 64 + maxPathCharacters + maxNameCharacters;

/**
 * STS takes no longer `RoleArn`, so a longer value can serve nobody, and it would be repeated for every container.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export const maxInjectedArnCharacters = 2_048;

/** Undefined when this is the ARN of an IAM role, else one line that says what was expected and found (E50). */
export function roleArnProblem(arn: string): string | undefined {
  const expected = `expected an IAM role ARN such as arn:aws:iam::111122223333:role/NAME, found ${quote(arn)}`;
  if (arn.length > maxArnCharacters) return `${expected} (${arn.length} characters)`;
  const groups = roleArnPattern.exec(arn)?.groups;
  if (groups === undefined) return expected;
  if ((groups['name'] ?? '').length > maxNameCharacters) {
    return `${expected}: a role name has at most ${maxNameCharacters} characters`;
  }
  if ((groups['path'] ?? '').length > maxPathCharacters) {
    return `${expected}: a role path has at most ${maxPathCharacters} characters`;
  }
  return undefined;
}

/**
 * The ARN that a bare role name stands for (`--compose-role-arn`, E52). A value that already holds `arn:` is left as it
 * is, as by the AWS webhook; a leading slash and a leading `role/` are understood.
 */
export function composeRoleArn(role: string, parts: RoleArnParts): string {
  if (role.includes('arn:')) return role;
  const name = role.replace(/^\/+/, '').replace(/^role\//, '');
  return `arn:${parts.partition}:iam::${parts.accountId}:role/${name}`;
}
