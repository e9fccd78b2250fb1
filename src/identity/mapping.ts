import * as z from 'zod';
import { isObject, ownField, parseJson } from '../util/json.ts';
import type { RoleArnParts } from './defaults.ts';
import { withLowerCaseFields } from '../go/json.ts';
import { flatCopy, matchesPattern, quote } from '../util/text.ts';
import { parseRoleArn, type ParsedRole } from './role-arn.ts';
import { maxAnnotationCharacters } from './service-account-annotations.ts';
import { limitExpiration } from './token-expiration.ts';

/** One entry of the mapping ConfigMap. Absent fields fall back to the flags (E58); no role is explicitly none (E61). */
export interface MappingEntry extends ParsedRole {
  /** The key as written, for messages. */
  readonly key: string;
  readonly audience?: string;
  readonly regionalSts?: boolean;
  /** Seconds, within what the API server accepts (E59). */
  readonly expirationSeconds?: number;
}

/** Roles mapped to ServiceAccounts by name; immutable, replaced as a whole (E60). */
export interface RoleMapping {
  readonly size: number;
  /** The entry for this ServiceAccount: exact before pattern, then the longest literal prefix (E61, E62). */
  find(namespace: string, name: string): MappingEntry | undefined;
}

/** What became of a document; a problem loses only its entry (E57). */
export type ParsedMapping =
  | { readonly kind: 'mapping'; readonly mapping: RoleMapping; readonly problems: readonly string[] }
  | { readonly kind: 'malformed'; readonly detail: string };

/** Field names in the spelling that lower-casing gives: Go matches them without regard to case. */
const entrySchema = z.object({
  rolearn: z.string().nullish(),
  audience: z.string().max(maxAnnotationCharacters, `more than ${maxAnnotationCharacters} characters`).nullish(),
  useregionalsts: z.boolean().nullish(),
  /** An int64 in Go: beyond 2^53 the digits are lost, but such a value is lowered anyway (E122). */
  tokenexpiration: z.number().refine(Number.isInteger, 'expected a whole number of seconds').nullish(),
});

const fieldNames: ReadonlyMap<string, string> = new Map([
  ['rolearn', 'RoleARN'],
  ['audience', 'Audience'],
  ['useregionalsts', 'UseRegionalSTS'],
  ['tokenexpiration', 'TokenExpiration'],
]);

/** The fields of an entry, as they are documented. */
export const mappingFields: readonly string[] = [...fieldNames.values()];

/**
 * Reads `data.config` of the mapping ConfigMap: one JSON object from `namespace/name` to an entry. Bare role names become
 * ARNs where `composeWith` is given. Never throws.
 */
export function parseMapping(text: string, composeWith?: RoleArnParts): ParsedMapping {
  const document = parseJson(text);
  if (!isObject(document)) {
    return { kind: 'malformed', detail: 'expected a JSON object from "namespace/name" to an entry' };
  }
  const problems: string[] = [];
  const entries: MappingEntry[] = [];
  for (const key of Object.keys(document)) {
    const parsed = parseEntry(key, ownField(document, key), composeWith);
    if (typeof parsed === 'string') problems.push(parsed);
    else entries.push(parsed);
  }
  return { kind: 'mapping', mapping: createMapping(entries), problems };
}

/** The entry, or one line that says why it is left out. Parts of a key beyond the second are ignored, as by AWS. */
function parseEntry(key: string, value: unknown, composeWith: RoleArnParts | undefined): MappingEntry | string {
  const [namespace, name] = key.split('/');
  if (key.length > maxAnnotationCharacters) {
    return `mapping key ${quote(key)}: more than ${maxAnnotationCharacters} characters`;
  }
  if (!namespace || !name) return `mapping key ${quote(key)}: expected "namespace/name"`;
  if (!isObject(value)) return `mapping entry ${quote(key)}: expected an object with RoleARN`;
  const result = entrySchema.safeParse(withLowerCaseFields(value));
  if (!result.success) return `mapping entry ${quote(key)}: ${issueText(result.error)}`;
  return toEntry(flatCopy(`${namespace}/${name}`), result.data, composeWith);
}

function issueText(error: z.ZodError): string {
  const issue = error.issues[0];
  const field = fieldNames.get(String(issue?.path[0])) ?? 'entry';
  return `${field}: ${issue?.message ?? 'invalid'}`;
}

function toEntry(key: string, data: z.infer<typeof entrySchema>, composeWith: RoleArnParts | undefined): MappingEntry {
  const audience = data.audience?.trim();
  // 0 means "not set", as in the AWS webhook.
  const seconds = data.tokenexpiration
    ? limitExpiration(BigInt(data.tokenexpiration), `mapping entry ${quote(key)} TokenExpiration`).seconds
    : undefined;
  return {
    key,
    ...parseRoleArn(data.rolearn ?? '', `mapping entry ${quote(key)} RoleARN`, composeWith),
    ...(audience ? { audience: flatCopy(audience) } : {}),
    ...(typeof data.useregionalsts === 'boolean' ? { regionalSts: data.useregionalsts } : {}),
    ...(seconds === undefined ? {} : { expirationSeconds: seconds }),
  };
}

function createMapping(entries: readonly MappingEntry[]): RoleMapping {
  const exact = new Map(entries.filter(entry => !entry.key.includes('*')).map(entry => [entry.key, entry]));
  const patterns = entries.filter(entry => entry.key.includes('*')).toSorted(byPrecedence);
  return {
    size: exact.size + patterns.length,
    find: (namespace, name) => exact.get(`${namespace}/${name}`) ?? patterns.find(matches(namespace, name)),
  };
}

/** Namespace and name are matched apart, so that `*` never reaches over the slash. */
function matches(namespace: string, name: string): (entry: MappingEntry) => boolean {
  return entry => {
    const slash = entry.key.indexOf('/');
    return matchesPattern(entry.key.slice(0, slash), namespace) && matchesPattern(entry.key.slice(slash + 1), name);
  };
}

/** Longest literal prefix first; then the longer pattern; then by text, so that the order never depends on the document's. */
function byPrecedence(left: MappingEntry, right: MappingEntry): number {
  const prefix = right.key.indexOf('*') - left.key.indexOf('*');
  if (prefix !== 0) return prefix;
  if (left.key.length !== right.key.length) return right.key.length - left.key.length;
  return left.key < right.key ? -1 : 1;
}

/** No entry at all: the mapping before the first document, and after the ConfigMap is deleted. */
export const emptyMapping: RoleMapping = createMapping([]);
