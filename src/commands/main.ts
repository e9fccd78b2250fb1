import { Command, CommanderError } from 'commander';
import { exitCodes, type CommandIo } from './command-io.ts';
import { serve } from './serve.ts';
import { version } from './version.ts';

/**
 * Runs `irsa` with these arguments and resolves with the exit code. `serve` reads its own flags, since they are the AWS
 * webhook's in pflag's syntax, which no library reads.
 */
export async function main(argv: readonly string[], io: CommandIo): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = createProgram(io, async flags => {
    exitCode = await serve(flags, io);
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    throw error;
  }
}

function createProgram(io: CommandIo, runServe: (flags: readonly string[]) => Promise<void>): Command {
  const program = new Command('irsa')
    .description('Gives Kubernetes pods their AWS identity.')
    .version(version, '--version', 'Show the version and exit.')
    .helpOption('-h, --help', 'Show this text and exit.')
    .showSuggestionAfterError()
    .showHelpAfterError('Run "irsa --help" for the commands.')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: text => io.stdout.write(text), writeErr: text => io.stderr.write(text) });
  program
    .command('serve')
    .description('Run the admission webhook. "irsa serve --help" lists its flags.')
    .helpOption(false)
    .passThroughOptions()
    .allowUnknownOption()
    .argument('[flags...]')
    .action(async (_flags, _options, command) => runServe(command.args));
  program
    .command('version')
    .description('Show the version.')
    .action(() => {
      io.stdout.write(`${version}\n`);
    });
  return program;
}
