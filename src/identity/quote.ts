/** Longest piece of somebody else's text that a message repeats. */
const maxQuotedCharacters = 80;

/**
 * What JSON leaves as it is although terminals obey it (DEL and C1, of which U+009B begins a control sequence), editors take
 * it for the end of a line, or it turns the order of the text around it. The API server drops a warning that holds some.
 */
const unsafeCharacters = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** Somebody else's text, safe inside a one-line message: quoted, control characters escaped, cut to a bounded length. */
export function quote(text: string): string {
  const cut = text.length > maxQuotedCharacters ? `${text.slice(0, maxQuotedCharacters)}…` : text;
  return JSON.stringify(cut).replaceAll(unsafeCharacters, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
