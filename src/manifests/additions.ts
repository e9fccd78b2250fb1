import { isArray, isObject, ownField } from '../util/json.ts';
import type { PathStep } from './parse-manifests.ts';
import { fromPointer, type PlacedPatch } from './placed-patch.ts';

/** What is added to one collection of a document. Steps of lists are their indices as text. */
export interface Addition {
  /** From the document to the field or the list. */
  readonly path: readonly string[];
  readonly change:
    /** The field is absent or null. */
    | { readonly kind: 'set'; readonly value: unknown }
    /** To a list that is there. */
    | { readonly kind: 'append'; readonly values: readonly unknown[] }
    | { readonly kind: 'prepend'; readonly value: unknown };
}

/** The operations of patches by the collection that they change. */
export function toAdditions(patches: readonly PlacedPatch[]): readonly Addition[] {
  return patches.flatMap(({ path, operations }) => {
    const additions: Addition[] = [];
    const appended = new Map<string, unknown[]>();
    for (const operation of operations) {
      const steps = [...path.map(String), ...fromPointer(operation.path)];
      const parent = steps.slice(0, -1);
      const last = steps.at(-1);
      const values = appended.get(parent.join('/'));
      if (last === '-' && values !== undefined) values.push(operation.value);
      else if (last === '-') additions.push(append(parent, operation.value, appended));
      else if (last === '0') additions.push({ path: parent, change: { kind: 'prepend', value: operation.value } });
      else additions.push({ path: steps, change: { kind: 'set', value: operation.value } });
    }
    return additions;
  });
}

function append(path: readonly string[], value: unknown, appended: Map<string, unknown[]>): Addition {
  const values = [value];
  appended.set(path.join('/'), values);
  return { path, change: { kind: 'append', values } };
}

/** The value at a path of a document. */
export function valueAt(document: unknown, path: readonly PathStep[]): unknown {
  let value = document;
  for (const step of path) {
    if (isArray(value)) value = value[Number(step)];
    else value = isObject(value) ? ownField(value, String(step)) : undefined;
  }
  return value;
}
