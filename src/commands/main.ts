import { exitCodes, type ProcessIo } from './command-io.ts';

/**
 * Runs `irsa` with these arguments and resolves with the exit code. `serve` reads its own flags, since they are the AWS
 * webhook's in pflag's syntax, which no library reads; what only the other commands need is loaded only for them.
 */
export async function main(argv: readonly string[], io: ProcessIo): Promise<number> {
  const [command, ...flags] = argv;
  if (command === 'serve') {
    const { serve } = await import('./serve/serve.ts');
    return serve(flags, io);
  }
  const { runProgram } = await import('./program.ts');
  return runProgram(argv, io).catch((error: unknown) => {
    io.stderr.write(`error: ${String(error)}\n`);
    return exitCodes.failed;
  });
}
