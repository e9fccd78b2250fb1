import { parseGoBool } from '../go/numbers.ts';
import { formatDuration, parseGoDuration } from '../go/duration.ts';
import { parseGoInteger } from '../go/numbers.ts';
import type { Parsed, Setting } from './setting.ts';
import { quote } from '../util/text.ts';

interface Row<T> {
  readonly name: string;
  readonly default: T;
  readonly help: string;
  readonly shorthand?: string;
  readonly ignored?: true;
  readonly command?: true;
}

/** Both ends included. */
interface Range {
  readonly min: number;
  readonly max: number;
}

/** `expected …, found …`, the form of every problem with a value. */
export function unexpected(expected: string, found: string): { readonly kind: 'problem'; readonly detail: string } {
  return { kind: 'problem', detail: `expected ${expected}, found ${quote(found)}` };
}

/** A boolean, which takes its value only after `=`. */
export function boolean(row: Row<boolean>): Setting<boolean> {
  const parse = (text: string): Parsed<boolean> => {
    const value = parseGoBool(text);
    return value === undefined ? unexpected('true or false', text) : { kind: 'value', value, text: String(value) };
  };
  return { ...common(row), type: 'bool', defaultText: String(row.default), parse };
}

/** An integer in a range, in any base that Go reads. */
export function integer(row: Row<number> & Range): Setting<number> {
  const parse = (text: string): Parsed<number> => {
    const exact = parseGoInteger(text);
    const value = Number(exact);
    if (exact === undefined || value < row.min || value > row.max) {
      return unexpected(`an integer from ${row.min} to ${row.max}`, text);
    }
    return { kind: 'value', value, text: String(value) };
  };
  return { ...common(row), type: 'int', defaultText: String(row.default), parse };
}

/** A Go duration in a range, everything in milliseconds. */
export function duration(row: Row<number> & Range): Setting<number> {
  const parse = (text: string): Parsed<number> => {
    const value = parseGoDuration(text);
    if (value === undefined || value < row.min || value > row.max) {
      const range = `from ${formatDuration(row.min)} to ${formatDuration(row.max)}`;
      return unexpected(`a duration ${range} such as 1m30s`, text);
    }
    return { kind: 'value', value, text: formatDuration(value) };
  };
  return { ...common(row), type: 'duration', defaultText: formatDuration(row.default), parse };
}

/** One of a few words. */
export function choice<T extends string>(row: Row<T> & { readonly choices: readonly T[] }): Setting<T> {
  const parse = (text: string): Parsed<T> => {
    const value = row.choices.find(candidate => candidate === text);
    return value === undefined ? unexpected(`one of ${row.choices.join(', ')}`, text) : { kind: 'value', value, text };
  };
  return { ...common(row), type: 'string', choices: row.choices, defaultText: row.default, parse };
}

/** A text that is used as it is; without a form, any. */
export function text(row: Row<string> & { readonly form?: TextForm }): Setting<string> {
  const parse = (value: string): Parsed<string> => {
    if (row.form !== undefined && !row.form.accepts(value)) return unexpected(row.form.expected, value);
    return { kind: 'value', value, text: value };
  };
  return { ...common(row), type: 'string', defaultText: row.default, parse };
}

/** What a text must look like, and how a message says so. */
export interface TextForm {
  readonly expected: string;
  accepts(text: string): boolean;
}

type Common<T> = Pick<Setting<T>, 'name' | 'help' | 'defaultValue' | 'shorthand' | 'ignored' | 'command'>;

function common<T>(row: Row<T>): Common<T> {
  const { name, help, default: defaultValue, shorthand, ignored, command } = row;
  return {
    name,
    help,
    defaultValue,
    ...(shorthand === undefined ? {} : { shorthand }),
    ...(ignored === undefined ? {} : { ignored }),
    ...(command === undefined ? {} : { command }),
  };
}
