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

/** What stands at the end of this path of own fields, undefined where one of them is missing or no object has it. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) found = isObject(found) ? ownField(found, name) : undefined;
  return found;
}

/** The object at the end of this path of own fields, else undefined. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject | undefined {
  const found = at(value, ...path);
  return isObject(found) ? found : undefined;
}

/** The string at the end of this path of own fields, else undefined. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The list at the end of this path of own fields, else an empty list. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return isArray(found) ? found : [];
}

/** The number at the end of this path of own fields, else undefined. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The objects in the list at the end of this path of own fields, in order; other entries are left out. */
export function objectsAt(value: unknown, ...path: readonly string[]): readonly JsonObject[] {
  return listAt(value, ...path).filter(isObject);
}

/** The value of a JSON text; undefined for what is no JSON, for which the caller has the words. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
