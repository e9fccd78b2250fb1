import { stringify } from 'yaml';
import { isArray, isObject } from '../util/json.ts';
import { unicodeEscape } from '../util/text.ts';

/** How the lines around are written. */
export interface BlockStyle {
  /** True when the entries of a list stand further right than the key of the list. */
  readonly indentsLists: boolean;
}

/** A list, or an object, as lines in block style, without indentation. */
export function toBlockLines(value: readonly unknown[] | object, { indentsLists }: BlockStyle): readonly string[] {
  const text = stringify(value, {
    // Quotes also what only the whole of YAML 1.1 takes for something else than a text, such as a date.
    version: '1.1',
    indentSeq: indentsLists,
    // Every value takes one line, whatever it holds.
    lineWidth: 0,
    blockQuote: false,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    aliasDuplicateObjects: false,
  });
  const lines = text.replace(/\n$/, '').split('\n');
  if (!lines.some(line => unprintable.test(line))) return lines;
  if (isArray(value)) return value.map(entry => `- ${toFlowText(entry)}`);
  return Object.entries(value).map(([key, field]) => `${toFlowText(key)}: ${toFlowText(field)}`);
}

/** A value in one line, as JSON: for flow style, in YAML and JSON. As deep at most as the reader of manifests allows. */
export function toFlowText(value: unknown): string {
  if (isArray(value)) return `[${value.map(toFlowText).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value).replaceAll(unprintables, unicodeEscape);
  const fields = Object.entries(value).map(([key, field]) => `${toFlowText(key)}: ${toFlowText(field)}`);
  return `{${fields.join(', ')}}`;
}

/** What YAML does not allow outside of escapes, and what some readers take for the end of a line. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFEFF\uFFFE\uFFFF]/u;
const unprintables = new RegExp(unprintable, 'gu');
