import { escapeUnsafeCharacters } from './unsafe-characters.ts';

/** Longest piece of somebody else's text that a message repeats. */
const maxQuotedCharacters = 80;

/** Somebody else's text, safe inside a one-line message: quoted, control characters escaped, cut to a bounded length. */
export function quote(text: string): string {
  const cut = text.length > maxQuotedCharacters ? `${text.slice(0, maxQuotedCharacters)}…` : text;
  return escapeUnsafeCharacters(JSON.stringify(cut));
}
