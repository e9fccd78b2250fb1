import { formatDuration, parseGoDuration } from '../go/duration.ts';
import { parseGoBool, parseGoInteger } from '../go/numbers.ts';
import { quote } from '../util/text.ts';

/** The types of pflag, as `--help` and the documentation show them. */
type SettingType = 'bool' | 'int' | 'int64' | 'string' | 'duration';

/** What the text of a flag or an environment variable says. */
export type Parsed<T> =
  /** `text` is the value in its plainest form, `notice` what its author should know although it is used. */
  | { readonly kind: 'value'; readonly value: T; readonly text: string; readonly notice?: string }
  /** `detail`: what was expected and what was found. */
  | { readonly kind: 'problem'; readonly detail: string };

/** One row of the table of settings: everything that flags, environment, help and documentation need to know of it. */
export interface Setting<T> {
  /** The flag without its dashes. */
  readonly name: string;
  /** The letter that stands for it after a single dash. */
  readonly shorthand?: string;
  readonly type: SettingType;
  /** The only values, where they can be listed. */
  readonly choices?: readonly string[];
  /** The default as it would be written on the command line. */
  readonly defaultText: string;
  /** The default as `parse(defaultText)` gives it. */
  readonly defaultValue: T;
  /** One line; empty for a setting that is accepted and needs no explanation. */
  readonly help: string;
  /** Set for a setting that is understood so that existing manifests work, and has no effect. */
  readonly ignored?: true;
  /** Set for a flag that asks for something else than serving; there is no environment variable for it. */
  readonly command?: true;
  parse(text: string): Parsed<T>;
}

/** Settings that belong together, as help and documentation show them. */
export interface SettingGroup {
  readonly title: string;
  readonly settings: readonly Setting<unknown>[];
}

/** The value of a setting: what flag, environment or default say. */
export type Read = <T>(setting: Setting<T>) => T;

/** Rows by the names that their values have in the program. */
export interface SettingRows {
  readonly [name: string]: Setting<unknown>;
}

/** The type of the values of these rows: `{ port: Setting<number> }` gives `{ port: number }`. */
export type ValuesOf<Rows extends SettingRows> = {
  readonly [Name in keyof Rows]: Rows[Name] extends Setting<infer Value> ? Value : never;
};

/** Returns the value of each of these rows. */
export function readRows<Rows extends SettingRows>(rows: Rows, read: Read): ValuesOf<Rows>;
// The compiler cannot follow a type through the entries of an object; this signature is all that says so.
export function readRows(rows: SettingRows, read: Read): { readonly [name: string]: unknown } {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, read(row)]));
}

/** Where the value of a setting comes from, strongest first. */
export type Origin = 'flag' | 'environment' | 'default';

/** The environment variable of a setting: `IRSA_TOKEN_EXPIRATION` for `--token-expiration`; undefined for a command. */
export function environmentName(setting: Setting<unknown>): string | undefined {
  if (setting.command === true) return undefined;
  return `IRSA_${setting.name.replaceAll('-', '_').toUpperCase()}`;
}

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

/** A text that may be left out: empty means undefined. */
export function optionalText(
  row: Omit<Row<string>, 'default'> & { readonly form?: TextForm },
): Setting<string | undefined> {
  const plain = text({ ...row, default: '' });
  return {
    ...plain,
    defaultValue: undefined,
    parse(written) {
      const parsed = plain.parse(written);
      return parsed.kind === 'value' && parsed.value === '' ? { ...parsed, value: undefined } : parsed;
    },
  };
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
