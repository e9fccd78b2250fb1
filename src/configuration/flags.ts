import { parseGoBool } from '../go/numbers.ts';
import { nearest } from '../util/nearest.ts';
import { quote, quoteUnlessPlain } from '../util/text.ts';
import type { Setting } from './setting.ts';

/** Settings by the name of their flag. A Map, so that a name such as `constructor` is only ever a name. */
export type SettingsByName = ReadonlyMap<string, Setting<unknown>>;

/** A text for a setting and where it was written, for messages. */
export interface WrittenText {
  readonly text: string;
  readonly label: string;
}

/** What the arguments say. */
export interface Flags {
  /** By the setting's name; of a repeated flag the last. */
  readonly texts: ReadonlyMap<string, WrittenText>;
  readonly help: boolean;
  readonly problems: readonly string[];
  readonly notices: readonly string[];
}

/** Reads all arguments, finds all problems, and notices the slips that pflag takes without a word. */
export function readFlags(argv: readonly string[], settings: SettingsByName): Flags {
  const texts = new Map<string, WrittenText>();
  const tokens = readTokens(argv, settings);
  for (const token of tokens) {
    if (token.kind === 'flag') texts.set(token.name, { text: token.text, label: token.label });
  }
  return {
    texts,
    help: tokens.some(token => token.kind === 'help'),
    problems: tokens.flatMap(token => (token.kind === 'problem' ? token.detail : [])),
    notices: tokens.flatMap(token => slip(token, settings) ?? []),
  };
}

function slip(token: Token, settings: SettingsByName): string | undefined {
  if (token.kind === 'flag') return swallowedFlag(token, settings);
  return token.kind === 'argument' ? ignoredArgument(token) : undefined;
}

/** `--kubeconfig --in-cluster=false` makes the second flag the path of the kubeconfig. */
function swallowedFlag(token: Token & { readonly kind: 'flag' }, settings: SettingsByName): string | undefined {
  const { form, label, text } = token;
  if (form !== 'next' || !text.startsWith('--') || !settings.has(splitFlag(text.slice(2)).name)) return undefined;
  return `${label}: the next argument, ${quote(text)}, is its value and no flag`;
}

function ignoredArgument(token: Token & { readonly kind: 'argument' }): string {
  const { after, text } = token;
  if (after === undefined) return `the argument ${quote(text)} is not a flag and is ignored`;
  return `${after}: is true, and the argument ${quote(text)} is ignored; a boolean takes its value after "=": ${after}=${text}`;
}

/** What one argument is, or two where the second is the value of the first. */
type Token =
  | { readonly kind: 'flag'; readonly name: string; readonly text: string; readonly label: string; readonly form: Form }
  | { readonly kind: 'problem'; readonly detail: string }
  | { readonly kind: 'help' }
  /** `after`: the boolean flag just before, when this looks like its value. */
  | { readonly kind: 'argument'; readonly text: string; readonly after?: string };

/** `bare`: a boolean without value; `next`: the value is the next argument; `joined`: `--flag=value`, `-v4`. */
type Form = 'bare' | 'next' | 'joined';

/** Reads the arguments by the rules of pflag; goes on after a problem. https://pkg.go.dev/github.com/spf13/pflag */
function readTokens(argv: readonly string[], settings: SettingsByName): readonly Token[] {
  const tokens: Token[] = [];
  let index = 0;
  while (index < argv.length) {
    const written = argv[index] ?? '';
    if (written === '--') return [...tokens, ...argv.slice(index + 1).map(argument)];
    const token = readToken(written, argv[index + 1], settings);
    tokens.push(token.kind === 'argument' ? afterBoolean(token.text, tokens.at(-1)) : token);
    index += token.kind === 'flag' && token.form === 'next' ? 2 : 1;
  }
  return tokens;
}

function argument(text: string): Token {
  return { kind: 'argument', text };
}

/** `--in-cluster false` leaves the flag true, which is hardly what was meant. */
function afterBoolean(text: string, previous: Token | undefined): Token {
  if (previous?.kind !== 'flag' || previous.form !== 'bare' || parseGoBool(text) === undefined) return argument(text);
  return { kind: 'argument', text, after: previous.label };
}

function readToken(written: string, next: string | undefined, settings: SettingsByName): Token {
  if (written.startsWith('--')) return readLong(written, next, settings);
  if (written.startsWith('-') && written !== '-') return readShort(written, next, settings);
  return argument(written);
}

function readLong(written: string, next: string | undefined, settings: SettingsByName): Token {
  const { name, text } = splitFlag(written.slice(2));
  if (name === '' || name.startsWith('-')) return { kind: 'problem', detail: `bad flag syntax: ${quote(written)}` };
  if (name === 'help') return { kind: 'help' };
  const setting = settings.get(name);
  if (setting === undefined) return unknownFlag(name, settings);
  const label = `--${name}`;
  if (text !== undefined) return { kind: 'flag', name, text, label, form: 'joined' };
  if (setting.type === 'bool') return { kind: 'flag', name, text: 'true', label, form: 'bare' };
  return withNext(name, label, next);
}

/** A single dash is for shorthands only; a longer name after it is an error. */
function readShort(written: string, next: string | undefined, settings: SettingsByName): Token {
  const letter = written.slice(1, 2);
  const name = [...settings.values()].find(({ shorthand }) => shorthand === letter)?.name;
  if (name === undefined) return unknownShorthand(written, settings);
  if (name === 'help') return { kind: 'help' };
  const label = `-${letter}`;
  if (written.length === 2) return withNext(name, label, next);
  // `-v=` gives "=": only with something after it is the equals sign a separator.
  const text = written.length > 3 && written[2] === '=' ? written.slice(3) : written.slice(2);
  return { kind: 'flag', name, text, label, form: 'joined' };
}

function withNext(name: string, label: string, next: string | undefined): Token {
  if (next === undefined) return { kind: 'problem', detail: `flag needs an argument: ${label}` };
  return { kind: 'flag', name, text: next, label, form: 'next' };
}

function unknownFlag(name: string, settings: SettingsByName): Token {
  return { kind: 'problem', detail: `unknown flag: ${quoteUnlessPlain(`--${name}`)}${didYouMean(name, settings)}` };
}

function unknownShorthand(written: string, settings: SettingsByName): Token {
  const { name } = splitFlag(written.slice(1));
  const shorthand = quote(written.slice(1, 2));
  const detail = `unknown shorthand flag: ${shorthand} in ${quoteUnlessPlain(written)}${didYouMean(name, settings)}`;
  return { kind: 'problem', detail };
}

function didYouMean(name: string, settings: SettingsByName): string {
  const suggestion = nearest(name, [...settings.keys()]);
  return suggestion === undefined ? '' : ` (did you mean --${suggestion}?)`;
}

/** Name and, after an equals sign, text of a flag without its dashes. */
export function splitFlag(written: string): { readonly name: string; readonly text: string | undefined } {
  const at = written.indexOf('=');
  if (at === -1) return { name: written, text: undefined };
  return { name: written.slice(0, at), text: written.slice(at + 1) };
}
