import type { Readable } from 'node:stream';

export type RequestBody =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  /** Longer than the limit; the rest is not kept. */
  | { readonly kind: 'too_large' }
  /** The client went away, or was cut off for being too slow. */
  | { readonly kind: 'aborted' };

/** Reads a body. Keeps at most `limitBytes`. Never rejects. */
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
    stream.once('end', () => resolve({ kind: 'read', bytes: joined(chunks) }));
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

function joined(chunks: readonly Buffer[]): Buffer {
  const [first, ...others] = chunks;
  return first !== undefined && others.length === 0 ? first : Buffer.concat(chunks);
}
