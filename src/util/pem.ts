/** One block of a PEM file (RFC 7468). */
export interface PemBlock {
  /** For example `CERTIFICATE` or `EC PRIVATE KEY`. */
  readonly label: string;
  /** The line of the file where it begins, from 1. */
  readonly line: number;
  /** The whole block with its two boundary lines and a final newline. */
  readonly text: string;
  /** The lines between the boundaries. */
  readonly content: readonly string[];
}

/** The blocks of a PEM file, and the label of one that begins and does not end: a file cut off while it was written. */
interface PemFile {
  readonly blocks: readonly PemBlock[];
  readonly truncated: string | undefined;
}

/** A block has no other block in it, so that the time for a file is linear. */
const block =
  /^-----BEGIN (?<label>[A-Z0-9 ]+)-----\s*?\n(?<content>(?:(?!-----BEGIN )[^\n]*\n)*?)-----END \k<label>-----/gm;

/** Reads a PEM file. Text between the blocks is explanatory and allowed (RFC 7468 section 5.2). */
export function parsePem(text: string): PemFile {
  const blocks = Array.from(text.matchAll(block), ({ 0: found, index, groups }): PemBlock => {
    const { label = '', content = '' } = groups ?? {};
    const line = text.slice(0, index).split('\n').length;
    return { label, line, text: `${found}\n`, content: content.split('\n').map(part => part.trim()) };
  });
  const begun = [...text.matchAll(/-----BEGIN (?<label>[A-Z0-9 ]+)/g)];
  return { blocks, truncated: begun.length > blocks.length ? begun.at(-1)?.groups?.['label'] : undefined };
}
