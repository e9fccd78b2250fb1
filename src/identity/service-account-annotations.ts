import { flatCopy, quote } from '../util/text.ts';
import { ownString, type JsonObject } from '../util/json.ts';
import type { IdentityDefaults } from './defaults.ts';
import { parseGoBool, parseGoInt64 } from '../go/numbers.ts';
import { misplacedOnAccount } from './misplaced-annotations.ts';
import type { Notice } from './notice.ts';
import { parseRoleArn, type ParsedRole } from './role-arn.ts';
import { invalidExpiration, limitExpiration } from './token-expiration.ts';

/** The annotations of a ServiceAccount that we read, without their prefix. */
const serviceAccountAnnotations = ['role-arn', 'audience', 'sts-regional-endpoints', 'token-expiration'] as const;

type AnnotationName = (typeof serviceAccountAnnotations)[number];

/**
 * No value that can be of use is longer: STS takes no longer `RoleArn`. The API server takes 256 KiB, which would be kept for
 * each account, and repeated in the pods where it is an audience.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export const maxAnnotationCharacters = 2_048;

/** What a ServiceAccount's annotations say, parsed once when the account changes. Absent fields say nothing. */
export interface ServiceAccountFacts extends ParsedRole {
  readonly audience?: string;
  readonly regionalSts?: boolean;
  /** Seconds, within what the API server accepts. */
  readonly expirationSeconds?: number;
  readonly notices: readonly Notice[];
}

/**
 * Reads a ServiceAccount's annotations (`metadata.annotations`, any prefix by flag: E66).
 * Undefined when it carries none of ours, so that such an account need not be kept.
 */
export function parseServiceAccountAnnotations(
  annotations: JsonObject | undefined,
  defaults: IdentityDefaults,
): ServiceAccountFacts | undefined {
  const read = (name: AnnotationName): string | undefined =>
    annotations === undefined ? undefined : ownString(annotations, `${defaults.annotationPrefix}/${name}`);
  const misplaced = misplacedOnAccount(annotations, defaults.annotationPrefix);
  const isOurs = serviceAccountAnnotations.some(name => read(name) !== undefined) || misplaced.length > 0;
  if (!isOurs) return undefined;
  const parse = <T>(name: AnnotationName, parseText: ParseText<T>): Parsed<T> =>
    parseLimited(read(name), `ServiceAccount annotation ${defaults.annotationPrefix}/${name}`, parseText);
  const role = parse('role-arn', (text, where) => parseRole(text, where, defaults));
  const audience = parse('audience', parseAudience);
  const regional = parse('sts-regional-endpoints', parseRegional);
  const expiration = parse('token-expiration', parseExpiration);
  const notices = [role, audience, regional, expiration, { notices: misplaced }].flatMap(parsed => parsed.notices);
  return {
    ...roleOf(role),
    ...(audience.value ? { audience: audience.value } : {}),
    ...(regional.value === undefined ? {} : { regionalSts: regional.value }),
    ...(expiration.value === undefined ? {} : { expirationSeconds: expiration.value }),
    notices: notices.map(({ code, detail }) => ({ code, detail: flatCopy(detail) })),
  };
}

interface Parsed<T> {
  readonly value?: T;
  readonly notices: readonly Notice[];
}

/** Reads the text of an annotation; `where` names it in notices. */
type ParseText<T> = (text: string, where: string) => Parsed<T>;

function parseLimited<T>(text: string | undefined, where: string, parseText: ParseText<T>): Parsed<T> {
  if (text === undefined) return { notices: [] };
  if (text.length <= maxAnnotationCharacters) return parseText(text, where);
  const detail = `${where} has ${text.length} characters, more than ${maxAnnotationCharacters}: ignored`;
  return { notices: [{ code: 'annotation_too_long', detail }] };
}

function parseRole(text: string, where: string, { composeRoleArn }: IdentityDefaults): Parsed<ParsedRole> {
  const role = parseRoleArn(text, where, composeRoleArn);
  if (role.roleArnProblem === undefined) return { value: role, notices: [] };
  return { value: role, notices: [{ code: 'invalid_role_arn', detail: role.roleArnProblem }] };
}

/** A role that was too long to be read is a role all the same: the mapping is not asked for another. */
function roleOf({ value, notices: [tooLong] }: Parsed<ParsedRole>): ParsedRole {
  if (value !== undefined) return value;
  return tooLong === undefined ? { roleArn: '' } : { roleArn: '', roleArnProblem: tooLong.detail };
}

function parseAudience(text: string): Parsed<string> {
  return { value: flatCopy(text.trim()), notices: [] };
}

function parseRegional(text: string, where: string): Parsed<boolean> {
  const value = parseGoBool(text);
  if (value !== undefined) return { value, notices: [] };
  const detail = `${where} must be true or false, found ${quote(text)}: ignored`;
  return { notices: [{ code: 'invalid_sts_regional_endpoints', detail }] };
}

function parseExpiration(text: string, where: string): Parsed<number> {
  const value = parseGoInt64(text);
  if (value === undefined) return { notices: [invalidExpiration(text, where)] };
  const limited = limitExpiration(value, where);
  return { value: limited.seconds, notices: limited.notices };
}
