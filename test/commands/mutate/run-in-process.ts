import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { main } from '../../../src/commands/main.ts';

/** How a command ended and what it wrote. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program in this process, for tests of very many calls; a process each takes far longer. */
export async function runInProcess(args: readonly string[], input = ''): Promise<CommandResult> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end(input);
  const written = Promise.all([text(stdout), text(stderr)]);
  const code = await main(args, {
    environment: {},
    stdin,
    stdout,
    stderr,
    process: { onTermination: () => undefined, onUncaught: () => undefined, exit: () => undefined },
  });
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { code, stdout: out, stderr: err };
}
