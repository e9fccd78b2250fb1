import type { YAMLMap, YAMLSeq } from 'yaml';
import { isArray } from '../util/json.ts';
import type { Holder } from './find-node.ts';
import { toBlockLines, type BlockStyle } from './render-yaml.ts';
import {
  belowComments,
  endOf,
  indentationBefore,
  lineAfter,
  lineEndAt,
  startOf,
  toInsertion,
} from './source-position.ts';
import type { TextEdit } from './text-edit.ts';

/** Lines at the start of a line, or behind the last one. */
export function insertLines(text: string, offset: number, indentation: number, lines: readonly string[]): TextEdit {
  const indented = lines.map(line => ' '.repeat(indentation) + line);
  return { offset, removed: 0, text: toInsertion(text, offset, indented) };
}

/** Lines behind the last entry of a collection in block style, and behind the comments about that. */
export function addLines(
  text: string,
  collection: YAMLMap | YAMLSeq,
  column: number,
  lines: readonly string[],
): TextEdit {
  const offset = belowComments(text, lineAfter(text, endOf(collection)), column);
  return insertLines(text, offset, column, lines);
}

/** The column of the keys of an object in block style. */
export function indentOf(map: YAMLMap): number {
  return map.srcToken?.type === 'block-map' ? map.srcToken.indent : 0;
}

/** Gives a value to a field in block style that has none, or one that says so in a word: `null`, `~`, `[]`. */
export function fillField(text: string, { map, pair }: Holder, value: object, style: BlockStyle): TextEdit {
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
