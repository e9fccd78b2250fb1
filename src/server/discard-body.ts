import type { Readable } from 'node:stream';

/**
 * Receives a body and forgets it. An answer sent before the client has finished sending can be lost to it: closing a
 * connection with unread data resets it. Who sends more than `limitBytes` loses the answer, instead of our time.
 */
export function discardBody(stream: Readable, limitBytes: number): Promise<void> {
  return new Promise(resolve => {
    let size = 0;
    stream.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > limitBytes) resolve();
    });
    stream.once('end', resolve);
    stream.once('error', () => resolve());
    stream.once('close', resolve);
  });
}
