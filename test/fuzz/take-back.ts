import type { Operation } from 'fast-json-patch';
import { isArray, isObject, ownField, type JsonObject } from '../../src/util/json.ts';

/** An operation of a patch that only adds. */
export type Addition = Operation & { readonly op: 'add'; readonly path: string; readonly value: unknown };

/**
 * Undoes a patch of additions, last first, on the patched document: an entry or a field that was added goes, and a field
 * that was `null` in the original is `null` again. Gives the original exactly when nothing else was changed.
 */
export function takeBack(patched: unknown, original: unknown, operations: readonly Addition[]): unknown {
  for (const { path } of operations.toReversed()) {
    const tokens = path.split('/').slice(1).map(unescape);
    const last = tokens.pop() ?? '';
    takeOut(follow(patched, tokens), last, follow(original, tokens));
  }
  return patched;
}

/** RFC 6901 section 4. */
function unescape(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Undefined where the path leads nowhere. */
function follow(document: unknown, tokens: readonly string[]): unknown {
  let found = document;
  for (const token of tokens) {
    if (isArray(found)) found = found[Number(token)];
    else found = isObject(found) ? ownField(found, token) : undefined;
  }
  return found;
}

function takeOut(parent: unknown, name: string, original: unknown): void {
  if (Array.isArray(parent)) parent.splice(name === '-' ? parent.length - 1 : Number(name), 1);
  else if (isMutable(parent)) {
    if (isObject(original) && ownField(original, name) === null) parent[name] = null;
    else delete parent[name];
  }
}

function isMutable(value: unknown): value is { [name: string]: unknown } & JsonObject {
  return isObject(value);
}
