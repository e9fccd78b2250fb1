import { ownField, type JsonObject } from '../util/type-guards.ts';

/**
 * Go's rules for the values that people put into annotations and documents, so that a value means here what it means to the
 * AWS webhook. The one extension: outer white space is trimmed (E55, E124), because Go would ignore such a value.
 */

const goTrue: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const goFalse: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** `strconv.ParseBool` of the trimmed text; undefined where Go reports an error. */
export function parseGoBool(text: string): boolean | undefined {
  const trimmed = text.trim();
  if (goTrue.has(trimmed)) return true;
  return goFalse.has(trimmed) ? false : undefined;
}

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
/** An int64 has at most 19 digits; more than this many leading zeros is noise that need not be converted. */
const maxDigits = 64;

/** `strconv.ParseInt(text, 10, 64)` of the trimmed text, exact beyond 2^53; undefined where Go reports an error (E123, E124). */
export function parseGoInt64(text: string): bigint | undefined {
  const match = /^[+-]?[0-9]+$/.exec(text.trim());
  if (match === null || match[0].length > maxDigits) return undefined;
  const value = BigInt(match[0].startsWith('+') ? match[0].slice(1) : match[0]);
  return value < minInt64 || value > maxInt64 ? undefined : value;
}

/**
 * The same fields with lower-case names: Go's `encoding/json` matches field names without regard to case. Of two fields
 * that differ by case only, the last wins, as in Go.
 */
export function withLowerCaseFields(object: JsonObject): JsonObject {
  const lowered: Record<string, unknown> = { __proto__: null };
  for (const field of Object.keys(object)) lowered[field.toLowerCase()] = ownField(object, field);
  return lowered;
}
