/** Splits at spaces into lines of at most that many characters; a longer word has a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** The lines, each moved to the right. */
export function indent(lines: readonly string[], spaces: number): readonly string[] {
  return lines.map(line => `${' '.repeat(spaces)}${line}`);
}
