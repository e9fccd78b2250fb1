/** One block of a PEM file (RFC 7468). */
interface PemBlock {
  /** For example `CERTIFICATE` or `EC PRIVATE KEY`. */
  readonly label: string;
  /** The whole block with its two boundary lines and a final newline. */
  readonly text: string;
}

/** The blocks of a PEM file, and the label of one that begins and does not end: a file cut off while it was written. */
export interface PemFile {
  readonly blocks: readonly PemBlock[];
  readonly truncated: string | undefined;
}

/** Splits a PEM file. Text between the blocks is explanatory and allowed (RFC 7468 section 5.2). */
export function parsePem(text: string): PemFile {
  const blocks: PemBlock[] = [];
  for (const block of text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g)) {
    blocks.push({ label: block[1] ?? '', text: `${block[0]}\n` });
  }
  const begun = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)(?:-----)?/g)];
  return { blocks, truncated: begun.length > blocks.length ? begun.at(-1)?.[1] : undefined };
}
