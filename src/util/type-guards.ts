/** A JSON object whose fields have not been looked at yet. */
export type JsonObject = { readonly [key: string]: unknown };

/** True for a JSON object: not null, not a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a list whose entries have not been looked at yet. */
export function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/**
 * The object's own field. Reads through the prototype are impossible, so a name such as `constructor` or `__proto__`
 * that an attacker chose is only ever data.
 */
export function ownField(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The object's own field when it is a string, else undefined. */
export function ownString(object: JsonObject, name: string): string | undefined {
  const value = ownField(object, name);
  return typeof value === 'string' ? value : undefined;
}

/** The object's own field when it is an object, else undefined. */
export function ownObject(object: JsonObject, name: string): JsonObject | undefined {
  const value = ownField(object, name);
  return isObject(value) ? value : undefined;
}

/** The object's own field when it is a list, else an empty list. */
export function ownList(object: JsonObject, name: string): readonly unknown[] {
  const value = ownField(object, name);
  return isArray(value) ? value : [];
}
