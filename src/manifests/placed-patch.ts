import fastJsonPatch from 'fast-json-patch';
import type { AddOperation } from '../injection/patch.ts';
import type { PathStep } from './parse-manifests.ts';

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
export function fromPointer(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
