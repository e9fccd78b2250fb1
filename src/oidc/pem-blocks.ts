/** One block of a PEM file, as Go's `pem.Decode` takes it: whatever its label says, its bytes decide. */
export interface PemBlock {
  readonly label: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
  readonly der: Buffer;
  /** With the headers of an encrypted key (RFC 1421), so that its bytes are no key. */
  readonly encrypted: boolean;
}

interface OpenBlock {
  readonly label: string;
  readonly line: number;
  readonly headers: string[];
  readonly body: string[];
}

const begin = /^-----BEGIN (?<label>[A-Z0-9 ]+)-----\s*$/;

/** The blocks in order; text between them is allowed, and one without its end is passed over (RFC 7468 section 5.2). */
export function parsePemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: OpenBlock | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const label = begin.exec(line)?.groups?.['label'];
    if (label !== undefined) {
      open = { label, line: index + 1, headers: [], body: [] };
    } else if (open !== undefined && line.trimEnd() === `-----END ${open.label}-----`) {
      blocks.push(closeBlock(open));
      open = undefined;
    } else {
      (line.includes(':') ? open?.headers : open?.body)?.push(line.trim());
    }
  }
  return blocks;
}

function closeBlock({ label, line, headers, body }: OpenBlock): PemBlock {
  const encrypted = label === 'ENCRYPTED PRIVATE KEY' || headers.some(header => header.includes('ENCRYPTED'));
  return { label, line, der: Buffer.from(body.join(''), 'base64'), encrypted };
}
