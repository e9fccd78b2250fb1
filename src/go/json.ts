import { unicodeEscape } from '../util/text.ts';
import { ownField, type JsonObject } from '../util/json.ts';

/** Characters that Go's `encoding/json` escapes so that JSON can stand inside HTML, and that JavaScript does not. */
const escaped = /[<>&\u2028\u2029]/g;

/** JSON as Go's `json.Marshal` writes it, on one line and without a final newline. https://pkg.go.dev/encoding/json#Marshal */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(escaped, unicodeEscape);
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
