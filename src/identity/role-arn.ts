import { flatCopy, quote } from '../util/text.ts';
import type { RoleArnParts } from './defaults.ts';

/** What the text of a role comes to. */
export interface ParsedRole {
  /** The ARN, trimmed and composed; empty where there is none, or none that may be injected under any setting. */
  readonly roleArn: string;
  /** Why the text is not the ARN of an IAM role; absent when it is one, or when it is empty. */
  readonly roleArnProblem?: string;
}

/**
 * The ARN of an IAM role in any partition: `aws`, `aws-cn`, `aws-us-gov`, `aws-iso`, `aws-iso-b`, `aws-iso-e`,
 * `aws-iso-f`, `aws-eusc` and those to come (E49). Path and name take `\w+=,.@-` (E51).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const roleArnPattern = /^arn:aws[a-z0-9-]*:iam::[0-9]{12}:role\/(?:[\w+=,.@-]+\/)*[\w+=,.@-]+$/;
/** The path, slashes included, and the name of what is meant as a role, whatever its characters. */
const roleArnParts = /^arn:[^:]*:iam:[^:]*:[^:]*:role(?<path>\/(?:.*\/)?)(?<name>[^/]*)$/s;
const maxNameCharacters = 64;
const maxPathCharacters = 512;
/** Partition and account fit in 64 characters. */
const maxArnCharacters = 64 + maxPathCharacters + maxNameCharacters;
/** No ARN holds others; JSON writes such as up to six characters, `\u0001`, in each variable of an answer. */
const otherThanPrintable = /[^ -~]/;
const charactersOfEscape = 6;

/**
 * Reads the role of an annotation or a mapping entry; `where` names that in the problem. Surrounding white space is trimmed
 * (E47); an empty text means no role, also when names are composed (E48). What is longer than IAM allows can serve nobody
 * and would be repeated for every container: nothing of it is kept.
 */
export function parseRoleArn(text: string, where: string, composeWith?: RoleArnParts): ParsedRole {
  const trimmed = text.trim();
  if (trimmed === '') return { roleArn: '' };
  const roleArn = composeWith === undefined ? trimmed : composeRoleArn(trimmed, composeWith);
  const problem = roleArnProblem(roleArn);
  if (problem === undefined) return { roleArn: flatCopy(roleArn) };
  const kept = excessOf(roleArn) === undefined ? flatCopy(roleArn) : '';
  return { roleArn: kept, roleArnProblem: flatCopy(`${where}: ${problem}`) };
}

/** True where a role was given, be it one that IAM cannot have: then no weaker source is asked for another. */
export function namesRole(role: ParsedRole): boolean {
  return role.roleArn !== '' || role.roleArnProblem !== undefined;
}

/** Undefined when this is the ARN of an IAM role, else one line that says what was expected and found (E50). */
export function roleArnProblem(arn: string): string | undefined {
  const excess = excessOf(arn);
  if (excess === undefined && roleArnPattern.test(arn)) return undefined;
  const expected = `expected an IAM role ARN such as arn:aws:iam::111122223333:role/NAME, found ${quote(arn)}`;
  return excess === undefined ? expected : `${expected}: ${excess}`;
}

/** What is longer than IAM allows; undefined where nothing is. */
function excessOf(arn: string): string | undefined {
  const characters = otherThanPrintable.test(arn) ? charactersOfEscape * arn.length : arn.length;
  if (characters > maxArnCharacters) return `the ARN of a role has at most ${maxArnCharacters} characters`;
  const { path = '', name = '' } = roleArnParts.exec(arn)?.groups ?? {};
  if (name.length > maxNameCharacters) return `a role name has at most ${maxNameCharacters} characters`;
  if (path.length > maxPathCharacters) return `a role path has at most ${maxPathCharacters} characters`;
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
