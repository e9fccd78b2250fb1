import { isAlias, isMap, isPair, isScalar, isSeq, type Document, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';

/** A field, and the object that it is a field of. */
export interface Holder {
  readonly map: YAMLMap;
  readonly pair: Pair;
}

export interface FoundList {
  readonly kind: 'list';
  readonly list: YAMLSeq;
  readonly holder: Holder | undefined;
}

/** What the syntax tree has at a path. */
export type FoundNode =
  | FoundList
  /** A field without a value. */
  | ({ readonly kind: 'null' } & Holder)
  /** No such field: what it is to be added to. */
  | { readonly kind: 'absent'; readonly map: YAMLMap; readonly key: string }
  /** A merge key gives the field at this part of the path; a field of the map itself would win. */
  | { readonly kind: 'merged'; readonly map: YAMLMap; readonly key: string; readonly path: readonly string[] }
  | { readonly kind: 'unexpected' };

/** Follows a path; an alias stands for what its anchor marks. */
export function findNode(tree: Document, path: readonly string[]): FoundNode {
  let node: unknown = tree.contents;
  let holder: Holder | undefined;
  for (const [index, step] of path.entries()) {
    const collection = resolve(tree, node);
    if (isSeq(collection)) {
      node = collection.items[Number(step)];
      holder = undefined;
      continue;
    }
    if (!isMap(collection)) return { kind: 'unexpected' };
    const found = collection.items.findLast(({ key }) => keyText(key) === step);
    if (found === undefined) return missing(collection, path, index);
    node = found.value;
    holder = { map: collection, pair: found };
  }
  const end = resolve(tree, node);
  if (isSeq(end)) return { kind: 'list', list: end, holder };
  const isNull = end === null || (isScalar(end) && end.value === null);
  return isNull && holder !== undefined ? { kind: 'null', ...holder } : { kind: 'unexpected' };
}

function missing(map: YAMLMap, path: readonly string[], index: number): FoundNode {
  const key = path[index] ?? '';
  if (map.items.some(isMerge)) return { kind: 'merged', map, key, path: path.slice(0, index + 1) };
  return index === path.length - 1 ? { kind: 'absent', map, key } : { kind: 'unexpected' };
}

function resolve(tree: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(tree) : node;
}

/** The key as JSON has it. */
function keyText(key: unknown): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}

function isMerge(pair: Pair): boolean {
  return isPair(pair) && isScalar(pair.key) && (pair.key.value === '<<' || typeof pair.key.value === 'symbol');
}
