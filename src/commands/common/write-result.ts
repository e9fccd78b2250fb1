import type { Writable } from 'node:stream';
import { errorText } from '../../util/error-text.ts';
import { CommandFailure } from './command-failure.ts';

/**
 * Writes a result and waits until it is taken: the reader of a pipe may be slow. One that has seen enough and left, as `head`
 * does, is no failure. Rejects with CommandFailure when it cannot be written.
 */
export async function writeResult(stdout: Writable, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stdout.on('error', (error: Error) => {
      if ('code' in error && error.code === 'EPIPE') resolve();
      else reject(new CommandFailure(`the result cannot be written: ${errorText(error)}`, { cause: error }));
    });
    stdout.write(text, error => {
      if (!error) resolve();
    });
  });
}
