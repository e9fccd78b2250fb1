/**
 * What JSON leaves as it is although terminals obey it (DEL and C1, of which U+009B begins a control sequence), editors take
 * it for the end of a line, or it turns the order of the text around it. The API server drops a warning that holds some.
 */
const unsafeCharacters = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** The text with these characters as `\u009b` and the like, which nobody obeys. */
export function escapeUnsafeCharacters(text: string): string {
  // Nearly no text holds any, and replacing costs more than looking.
  return text.search(unsafeCharacters) === -1 ? text : text.replaceAll(unsafeCharacters, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
