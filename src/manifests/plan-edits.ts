import { isScalar, type Document, type YAMLMap, type YAMLSeq, isPair } from 'yaml';
import { isArray, isObject } from '../util/json.ts';
import { valueAt, type Addition } from './placed-patch.ts';
import { findNode, type FoundList, type FoundNode, type Holder } from './find-node.ts';
import { toBlockLines, toFlowText, type BlockStyle } from './render-yaml.ts';
import {
  aboveComments,
  columnAt,
  endOf,
  lineStart,
  startOf,
  belowComments,
  indentationBefore,
  lineAfter,
  lineEndAt,
  toInsertion,
  inOrder,
  type TextEdit,
} from './source-position.ts';

/** What an addition to a document of this text needs to know. */
interface Context extends BlockStyle {
  readonly text: string;
  readonly tree: Document;
  /** What the document is to mean afterwards. */
  readonly expected: unknown;
}

/**
 * The edits of a text that make these additions to one of its documents, in the style of what is around them. Undefined
 * where the text cannot take them. Whoever applies them has to look at what came of it: through an alias, an addition may
 * reach further than it should.
 */
export function planEdits(
  context: Omit<Context, keyof BlockStyle>,
  additions: readonly Addition[],
): readonly TextEdit[] | undefined {
  const styled = { ...context, ...styleOf(context.text, context.tree, additions) };
  const found = additions.map(addition => ({ addition, found: findNode(context.tree, addition.path) }));
  const edits = new Map<string, TextEdit>();
  for (const { addition, found: node } of found.toSorted((first, second) => depthOf(second) - depthOf(first))) {
    const edit = planEdit(styled, addition, node);
    if (edit === undefined) return undefined;
    // The same edit twice is one node that two paths reach.
    edits.set(JSON.stringify(edit), edit);
  }
  return inOrder([...edits.values()]);
}

/** How deep the text lies that an edit adds to: of edits at the same place, the inner one comes first. */
function depthOf({ addition, found }: { readonly addition: Addition; readonly found: FoundNode }): number {
  if (found.kind === 'merged') return found.path.length - 1;
  return found.kind === 'absent' ? addition.path.length - 1 : addition.path.length;
}

function planEdit(context: Context, { change }: Addition, found: FoundNode): TextEdit | undefined {
  // A field of the object's own wins over a merged one, which others may share.
  if (found.kind === 'merged') return addField(context, found.map, found.key, valueAt(context.expected, found.path));
  if (found.kind === 'list' && change.kind === 'append') return appendItems(context, found, change.values);
  if (found.kind === 'list' && change.kind === 'prepend') return prependItem(context, found, change.value);
  if (change.kind !== 'set') return undefined;
  if (found.kind === 'null') return setNull(context, found, change.value);
  return found.kind === 'absent' ? addField(context, found.map, found.key, change.value) : undefined;
}

function appendItems(context: Context, { list, holder }: FoundList, values: readonly unknown[]): TextEdit {
  const { text } = context;
  if (isEmptyField(text, list, holder)) return fillField(text, holder, values, context);
  if (list.flow === true) return flowItems(text, list, values, 'end');
  return addLines(text, list, columnAt(text, startOf(list)), toBlockLines(values, context));
}

function prependItem(context: Context, found: FoundList, value: unknown): TextEdit {
  const { list, holder } = found;
  const { text } = context;
  if (isEmptyField(text, list, holder)) return fillField(text, holder, [value], context);
  if (list.flow === true) return flowItems(text, list, [value], 'start');
  // A comment above the first entry is about that entry.
  const offset = aboveComments(text, lineStart(text, startOf(list)));
  return insertLines(text, offset, columnAt(text, startOf(list)), toBlockLines([value], context));
}

/** True for `field: []` in block style, which charts write for lists that nobody fills. */
function isEmptyField(text: string, list: YAMLSeq, holder: Holder | undefined): holder is Holder {
  const source = text.slice(startOf(list), endOf(list));
  return source === '[]' && holder !== undefined && holder.map.flow !== true && holder.pair.value === list;
}

function addField(context: Context, map: YAMLMap, key: string, value: unknown): TextEdit {
  const { text } = context;
  if (map.flow === true) return flowField(text, map, key, value);
  return addLines(text, map, indentOf(map), toBlockLines({ [key]: value }, context));
}

function setNull(context: Context, holder: Holder, value: unknown): TextEdit {
  const { map, pair } = holder;
  const isCollection = isArray(value) || isObject(value);
  if (map.flow !== true && isCollection && isScalar(pair.value)) return fillField(context.text, holder, value, context);
  // In flow style, a field may be without even a colon.
  if (pair.value === null) return { offset: endOf(pair.key), removed: 0, text: `: ${toFlowText(value)}` };
  const removed = endOf(pair.value) - startOf(pair.value);
  return { offset: startOf(pair.value), removed, text: (removed === 0 ? ' ' : '') + toFlowText(value) };
}

/** As the first list is written that holds one of the additions; else as Kubernetes' own documentation does. */
function styleOf(text: string, tree: Document, additions: readonly Addition[]): BlockStyle {
  for (const { path } of additions) {
    for (const length of path.keys()) {
      const found = findNode(tree, path.slice(0, length));
      if (found.kind !== 'list' || found.list.flow === true || found.holder === undefined) continue;
      return { indentsLists: columnAt(text, startOf(found.list)) > columnAt(text, startOf(found.holder.pair.key)) };
    }
  }
  return { indentsLists: false };
}

/** Lines at the start of a line, or behind the last one. */
function insertLines(text: string, offset: number, indentation: number, lines: readonly string[]): TextEdit {
  const indented = lines.map(line => ' '.repeat(indentation) + line);
  return { offset, removed: 0, text: toInsertion(text, offset, indented) };
}

/** Lines behind the last entry of a collection in block style, and behind the comments about that. */
function addLines(text: string, collection: YAMLMap | YAMLSeq, column: number, lines: readonly string[]): TextEdit {
  const offset = belowComments(text, lineAfter(text, endOf(collection)), column);
  return insertLines(text, offset, column, lines);
}

/** The column of the keys of an object in block style. */
function indentOf(map: YAMLMap): number {
  return map.srcToken?.type === 'block-map' ? map.srcToken.indent : 0;
}

/** Returns the edit that sets a field in block style which has no value, or one that says so in a word: `null`, `~`, `[]`. */
function fillField(text: string, { map, pair }: Holder, value: object, style: BlockStyle): TextEdit {
  const lines = toBlockLines(value, style);
  const indentation = indentOf(map) + (isArray(value) && !style.indentsLists ? 0 : 2);
  const start = startOf(pair.value);
  const end = endOf(pair.value);
  if (start === end) return insertLines(text, lineAfter(text, endOf(pair.key)), indentation, lines);
  const lineEnd = lineEndAt(text, start);
  const ownLine = indentationBefore(text, start);
  if (ownLine !== undefined) return { offset: start, removed: end - start, text: lines.join(lineEnd + ownLine) };
  // The word goes, a comment behind it stays where it is.
  const offset = start - (/[ \t]*$/.exec(text.slice(endOf(pair.key), start))?.[0].length ?? 0);
  const rest = /^.*/.exec(text.slice(end))?.[0] ?? '';
  const indented = lines.map(line => ' '.repeat(indentation) + line);
  return { offset, removed: end + rest.length - offset, text: [rest.trimEnd(), ...indented].join(lineEnd) };
}

/** Adds entries to a list in brackets. */
function flowItems(text: string, list: YAMLSeq, values: readonly unknown[], where: 'start' | 'end'): TextEdit {
  const items = values.map(toFlowText);
  return where === 'start' ? insertFirst(text, list, items) : insertLast(text, list, items);
}

/** Adds a field to an object in braces. */
function flowField(text: string, map: YAMLMap, key: string, value: unknown): TextEdit {
  return insertLast(text, map, [`${toFlowText(key)}: ${toFlowText(value)}`]);
}

function insertFirst(text: string, collection: YAMLMap | YAMLSeq, items: readonly string[]): TextEdit {
  const bracketEnd = startOf(collection) + 1;
  if (collection.items.length === 0) return insertion(bracketEnd, items.join(', '));
  const separator = separatorAt(text, startOf(collection.items[0]));
  // What follows the bracket now, a line end or nothing, comes after the last new entry.
  const first = separator === ', ' ? '' : separator.slice(1);
  return insertion(bracketEnd, `${first}${items.join(separator)}${separator === ', ' ? ', ' : ','}`);
}

function insertLast(text: string, collection: YAMLMap | YAMLSeq, items: readonly string[]): TextEdit {
  const last: unknown = collection.items.at(-1);
  if (last === undefined) return insertion(startOf(collection) + 1, items.join(', '));
  const separator = separatorAt(text, startOf(isPair(last) ? last.key : last));
  return insertion(endOf(last), items.map(item => separator + item).join(''));
}

/** What stands between a new entry and its neighbour at this offset, which may have a line of its own. */
function separatorAt(text: string, offset: number): string {
  const indentation = indentationBefore(text, offset);
  return indentation === undefined || offset === indentation.length
    ? ', '
    : `,${lineEndAt(text, offset)}${indentation}`;
}

function insertion(offset: number, text: string): TextEdit {
  return { offset, removed: 0, text };
}
