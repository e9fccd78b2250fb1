import fastJsonPatch from 'fast-json-patch';
import type { AddOperation } from '../injection/patch.ts';
import type { PathStep } from './parse-manifests.ts';
import { isArray, isObject, ownField } from '../util/json.ts';

/** The patch of one pod template of an input. */
export interface PlacedPatch {
  /** As in ManifestObject. */
  readonly document: number;
  /** From the document to the template. */
  readonly path: readonly PathStep[];
  readonly operations: readonly AddOperation[];
}

/** What a document means with these patches; a copy. The operations have to apply, as those of the webhook do. */
export function applyPatches(document: unknown, patches: readonly PlacedPatch[]): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(document));
  const operations = patches.flatMap(({ path, operations }) => operationsAt(path, operations));
  // The operations are copied too: what they add would otherwise be shared, and the next one would change it.
  return fastJsonPatch.applyPatch(copy, structuredClone(operations), true, true).newDocument;
}

/** The operations of a template as they apply to what holds it at this path. */
export function operationsAt(path: readonly PathStep[], operations: readonly AddOperation[]): readonly AddOperation[] {
  return operations.map(operation => ({ ...operation, path: toPointer(path) + operation.path }));
}

/** RFC 6901 section 3. */
function toPointer(path: readonly PathStep[]): string {
  return path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The steps of a pointer, unescaped: `~01` is `~1`. */
function fromPointer(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

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
