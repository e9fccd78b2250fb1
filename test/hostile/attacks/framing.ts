import { reviewOf } from '../../admission/support.ts';

/** How the bytes of a body come. */
export type Framing =
  | { readonly kind: 'length' }
  /** With a length, in TLS records of so many bytes. */
  | { readonly kind: 'records'; readonly bytes: number }
  | { readonly kind: 'chunks'; readonly bytes: number };

/** What is in a body. */
export type ReviewBody =
  /** White space without an end; with a length it is that of the largest body. */
  | { readonly kind: 'endless' }
  /** White space of this length. */
  | { readonly kind: 'spaces'; readonly bytes: number }
  /** A pod of so many containers; in the names `#` stands for a number that differs by connection. */
  | { readonly kind: 'pod'; readonly containers: number; readonly namespace: string; readonly account: string };

/** `--max-body-bytes` */
export const largestBodyBytes: number = 8 * 1_048_576;

const spaces = Buffer.alloc(largestBodyBytes, ' ');
const pieceBytes = 65_536;
const endlessPieces = new Map<number, Buffer>();

/** The bytes of a body that has an end; of one without, as many as a body may have. */
export function bytesOf(body: ReviewBody, number: number): Buffer {
  if (body.kind === 'endless') return spaces;
  if (body.kind === 'spaces') return spaces.subarray(0, body.bytes);
  const named = (name: string): string => name.replace('#', String(number));
  const spec = { serviceAccountName: named(body.account), containers: 'here' };
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'attack' }, spec };
  const containers = new Array<string>(body.containers).fill('{}').join(',');
  const review = reviewOf({ namespace: named(body.namespace), object });
  return Buffer.from(review.replace('"here"', () => `[${containers}]`));
}

/** Some of the chunks of this length that make a body without an end. */
export function endlessChunks(chunkBytes: number): Buffer {
  const known = endlessPieces.get(chunkBytes);
  if (known !== undefined) return known;
  const piece = chunked(spaces.subarray(0, Math.max(pieceBytes, chunkBytes)), chunkBytes);
  endlessPieces.set(chunkBytes, piece);
  return piece;
}

/** The bytes as chunks of this length, without the last, empty one; in one buffer, since there may be one for each byte. */
export function chunked(bytes: Buffer, chunkBytes: number): Buffer {
  const chunks = Math.ceil(bytes.length / chunkBytes);
  const head = headOfChunk(chunkBytes);
  const result = Buffer.alloc(bytes.length + chunks * (head.length + lineEnd.length));
  let end = 0;
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const length = Math.min(chunkBytes, bytes.length - at);
    end += (length === chunkBytes ? head : headOfChunk(length)).copy(result, end);
    end += bytes.copy(result, end, at, at + length);
    end += lineEnd.copy(result, end);
  }
  return result.subarray(0, end);
}

function headOfChunk(length: number): Buffer {
  return Buffer.from(`${length.toString(16)}\r\n`);
}

const lineEnd = Buffer.from('\r\n');
