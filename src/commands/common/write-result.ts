import type { Writable } from 'node:stream';

/**
 * Writes a result and waits until it is taken: the reader of a pipe may be slow. One that left, or a full disk, ends the program
 * (program.ts).
 */
export async function writeResult(stdout: Writable, text: string): Promise<void> {
  await new Promise<void>(resolve => {
    stdout.write(text, () => resolve());
  });
}
