import type { Readable } from 'node:stream';

export type RequestBody =
  | { readonly kind: 'read'; readonly text: string }
  /** Longer than the limit; the rest is not kept. */
  | { readonly kind: 'too_large' }
  /** The client went away, or was cut off for being too slow. */
  | { readonly kind: 'aborted' };

/** Reads a body as UTF-8 (bytes that are none become U+FFFD, as in Go). Keeps at most `limitBytes`. Never rejects. */
export function readBody(stream: Readable, limitBytes: number): Promise<RequestBody> {
  return new Promise(resolve => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limitBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve({ kind: 'too_large' });
      }
    });
    stream.once('end', () => resolve({ kind: 'read', text: decode(chunks) }));
    stream.once('error', () => resolve({ kind: 'aborted' }));
    stream.once('close', () => resolve({ kind: 'aborted' }));
  });
}

/**
 * Receives a body and forgets it. An answer sent before the client has finished sending can be lost to it: closing a
 * connection with unread data resets it.
 */
export function discardBody(stream: Readable): Promise<void> {
  return new Promise(resolve => {
    stream.once('end', resolve);
    stream.once('error', () => resolve());
    stream.once('close', resolve);
    stream.resume();
  });
}

function decode(chunks: readonly Buffer[]): string {
  const [first, ...others] = chunks;
  if (first === undefined) return '';
  return (others.length === 0 ? first : Buffer.concat(chunks)).toString('utf8');
}
