import { ownString, type JsonObject } from '../util/type-guards.ts';
import type { IdentityDefaults } from './defaults.ts';
import { parseGoBool, parseGoInt64 } from './go-syntax.ts';
import type { Notice } from './notice.ts';
import { quote } from '../util/quote.ts';
import { parseRoleArn, type ParsedRole } from './role-arn.ts';
import { invalidExpiration, limitExpiration } from './token-expiration.ts';

/** The annotations of a ServiceAccount that we read, without their prefix. */
const serviceAccountAnnotations = ['role-arn', 'audience', 'sts-regional-endpoints', 'token-expiration'] as const;

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
  const read = (name: (typeof serviceAccountAnnotations)[number]): string | undefined =>
    annotations === undefined ? undefined : ownString(annotations, `${defaults.annotationPrefix}/${name}`);
  if (serviceAccountAnnotations.every(name => read(name) === undefined)) return undefined;
  const role = parseRole(read('role-arn'), defaults);
  const audience = read('audience')?.trim();
  const regional = parseRegional(read('sts-regional-endpoints'), defaults);
  const expiration = parseExpiration(read('token-expiration'), defaults);
  return {
    ...role,
    ...(audience ? { audience } : {}),
    ...(regional.value === undefined ? {} : { regionalSts: regional.value }),
    ...(expiration.value === undefined ? {} : { expirationSeconds: expiration.value }),
    notices: [...role.notices, ...regional.notices, ...expiration.notices],
  };
}

interface Parsed<T> {
  readonly value?: T;
  readonly notices: readonly Notice[];
}

function parseRole(text: string | undefined, defaults: IdentityDefaults): ParsedRole & { notices: readonly Notice[] } {
  const where = `ServiceAccount annotation ${defaults.annotationPrefix}/role-arn`;
  const role = parseRoleArn(text ?? '', where, defaults.composeRoleArn);
  if (role.roleArnProblem === undefined) return { ...role, notices: [] };
  return { ...role, notices: [{ code: 'invalid_role_arn', detail: role.roleArnProblem }] };
}

function parseRegional(text: string | undefined, defaults: IdentityDefaults): Parsed<boolean> {
  if (text === undefined) return { notices: [] };
  const value = parseGoBool(text);
  if (value !== undefined) return { value, notices: [] };
  const where = `ServiceAccount annotation ${defaults.annotationPrefix}/sts-regional-endpoints`;
  const detail = `${where} must be true or false, found ${quote(text)}: ignored`;
  return { notices: [{ code: 'invalid_sts_regional_endpoints', detail }] };
}

function parseExpiration(text: string | undefined, defaults: IdentityDefaults): Parsed<number> {
  if (text === undefined) return { notices: [] };
  const where = `ServiceAccount annotation ${defaults.annotationPrefix}/token-expiration`;
  const value = parseGoInt64(text);
  if (value === undefined) return { notices: [invalidExpiration(text, where)] };
  const limited = limitExpiration(value, where);
  return { value: limited.seconds, notices: limited.notices };
}
