/** Characters that no POSIX shell takes for anything else. */
const plain = /^[A-Za-z0-9_./:=@%+,-]+$/;

/** Somebody else's text as one word of a command that a person may paste into a shell. */
export function shellWord(text: string): string {
  if (plain.test(text)) return text;
  // Control characters could act on the terminal before the shell sees them; no name that the API server takes has any.
  const visible = text.replaceAll(/\p{C}/gu, '?');
  return `'${visible.replaceAll("'", `'\\''`)}'`;
}
