/** Longest piece of somebody else's text that a message repeats. */
const maxQuotedCharacters = 80;

/** Somebody else's text, safe inside a one-line message: quoted, control characters escaped, cut to a bounded length. */
export function quote(text: string): string {
  const cut = text.length > maxQuotedCharacters ? `${text.slice(0, maxQuotedCharacters)}…` : text;
  return escapeUnsafeCharacters(JSON.stringify(cut));
}

/** Somebody else's text inside a one-line message: as it is where it is a plain word, else quoted and cut. */
export function quoteUnlessPlain(text: string): string {
  return /^[\w.-]{1,64}$/.test(text) ? text : quote(text);
}

/**
 * What JSON leaves as it is although terminals obey it (DEL and C1, of which U+009B begins a control sequence), editors take
 * it for the end of a line, or it turns the order of the text around it. The API server drops a warning that holds some.
 */
const unsafeCharacters = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** The text with these characters as `\u009b` and the like, which nobody obeys. */
export function escapeUnsafeCharacters(text: string): string {
  // Nearly no text holds any, and replacing costs more than looking.
  return text.search(unsafeCharacters) === -1 ? text : text.replaceAll(unsafeCharacters, unicodeEscape);
}

/** A UTF-16 unit as JSON and YAML escape it: `\u009b`. */
export function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The longest value that is right is a role ARN (20 + 12 + 512 + 64 characters); texts of ours are shorter than this. */
const maxLoggedCharacters = 1_024;

/** A log value of bounded length: clients choose names and annotations before anyone has checked them. */
export function capLength(value: string): string {
  return value.length > maxLoggedCharacters ? `${value.slice(0, maxLoggedCharacters)}…` : value;
}

/** A number with its noun: `1 key`, `2 keys`. */
export function counted(number: number, singular: string, plural?: string): string {
  return `${number} ${nounFor(number, singular, plural)}`;
}

/** The noun that goes with a number: `key`, `keys`. */
export function nounFor(number: number, singular: string, plural: string = `${singular}s`): string {
  return number === 1 ? singular : plural;
}

/** True when the text equals the pattern, in which `*` stands for any characters. Linear time; no regular expression is made of it. */
export function matchesPattern(pattern: string, text: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  if (pieces.length === 1) return pattern === text;
  const last = pieces.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let position = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, position);
    if (found === -1 || found + piece.length > end) return false;
    position = found + piece.length;
  }
  return true;
}

/**
 * A copy of the text that shares no memory with it. In V8 what `slice`, `trim`, `split` and the like return, and what is
 * put together with `+`, refers to the text that it was made of, and keeps it for as long as it is kept itself: an ARN in
 * 260,000 spaces would cost 260 KB. For what is kept for long and was cut from somebody else's text.
 */
export function flatCopy(text: string): string {
  // What JSON.parse() returns always has memory of its own; and this keeps every character, lone surrogates too.
  const copy: unknown = JSON.parse(JSON.stringify(text));
  return String(copy);
}
