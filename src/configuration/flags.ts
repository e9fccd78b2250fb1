import { readTokens, type SettingsByName, splitFlag, type Token } from './flag-token.ts';
import { quote } from '../util/text.ts';

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
