import { isPair, type YAMLMap, type YAMLSeq } from 'yaml';
import { toFlowText } from './render-yaml.ts';
import { endOf, indentationBefore, lineEndAt, startOf } from './source-position.ts';
import type { TextEdit } from './text-edit.ts';

/** Adds entries to a list in brackets. */
export function flowItems(text: string, list: YAMLSeq, values: readonly unknown[], where: 'start' | 'end'): TextEdit {
  const items = values.map(toFlowText);
  return where === 'start' ? insertFirst(text, list, items) : insertLast(text, list, items);
}

/** Adds a field to an object in braces. */
export function flowField(text: string, map: YAMLMap, key: string, value: unknown): TextEdit {
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
