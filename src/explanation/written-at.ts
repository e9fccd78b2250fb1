import { isObject, listAt, ownField, ownObject, ownString, type JsonObject } from '../util/json.ts';

/** When a field was last written, as far as the API server remembers. */
export interface LastWrite {
  /** RFC 3339, whole seconds, the API server's clock. */
  readonly time: string;
  /** Who wrote it, for example `kubectl-annotate`. */
  readonly manager: string;
}

/**
 * The last write by who owns the field at this path, as in `['metadata', 'annotations', 'example.com/a']`. The time is that of
 * the manager's last write to any of its fields, so this one may be older; undefined where `managedFields` does not tell.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function lastWriteOf(object: JsonObject, path: readonly string[]): LastWrite | undefined {
  const writes = listAt(object, 'metadata', 'managedFields').flatMap(entry => {
    const time =
      isObject(entry) && owns(ownObject(entry, 'fieldsV1') ?? {}, path) ? ownString(entry, 'time') : undefined;
    return time === undefined || !isObject(entry) ? [] : [{ time, manager: ownString(entry, 'manager') ?? '' }];
  });
  // Of several owners the latest may have written it; RFC 3339 in UTC sorts as text.
  return writes.toSorted((left, right) => (left.time < right.time ? 1 : -1))[0];
}

function owns(fields: JsonObject, path: readonly string[]): boolean {
  let at: unknown = fields;
  for (const name of path) {
    if (!isObject(at)) return false;
    at = ownField(at, `f:${name}`);
  }
  return at !== undefined;
}
