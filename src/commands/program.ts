import { constants } from 'node:os';
import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { decisionGroups } from '../configuration/decision-settings.ts';
import { groupText } from '../configuration/help-text.ts';
import { errorText } from '../util/error-text.ts';
import { exitCodes, type CommandIo, type ExitCode } from './command-io.ts';
import { auditCommand } from './audit/audit-command.ts';
import { checkCommand } from './check/check-command.ts';
import { CommandFailure } from './common/command-failure.ts';
import { decidingCommands, takeDecisionFlags } from './common/decision-flags.ts';
import { examplesText, type CommandContext } from './common/define-command.ts';
import { describeFailure } from './common/describe-failure.ts';
import { completeCommand, completionCommand } from './completion/completion-command.ts';
import { oidcCommand } from './oidc/oidc-command.ts';
import { configCommand } from './config/config-command.ts';
import { tokenCommand } from './token/token-command.ts';
import { trustPolicyCommand } from './trust-policy/trust-policy-command.ts';
import { explainCommand } from './explain/explain-command.ts';
import { mutateCommand } from './mutate/mutate-command.ts';
import { versionCommand } from './version/version-command.ts';
import { version } from './version.ts';

/** Every command but `serve`, in the order of help and documentation. */
const commands: readonly ((context: CommandContext) => CommandUnknownOpts)[] = [
  explainCommand,
  auditCommand,
  checkCommand,
  mutateCommand,
  oidcCommand,
  trustPolicyCommand,
  tokenCommand,
  configCommand,
  completionCommand,
  versionCommand,
];

/** What people come with first. */
const examples = [
  { purpose: 'Why has this pod no identity?', line: 'irsa explain pod/web-7c9f4 -n shop' },
  { purpose: 'Which pods of the cluster are not as they should be?', line: 'irsa audit -A' },
  { purpose: 'Are webhook and token issuer in order?', line: 'irsa check' },
] as const;

/** Runs a command that a person called and resolves with the exit code. A failure is one clear line, never a stack trace. */
export async function runProgram(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  io.stdout.on('error', (error: unknown) => io.process.exit(exitCodeOfLostOutput(error, io)));
  try {
    const { rest, texts } = takeDecisionFlags(argv);
    await createProgram({ io, settingFlags: texts, finish }).parseAsync([...rest], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has written its own line, with a suggestion where it has one.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    io.stderr.write(describeFailure(error));
    return error instanceof CommandFailure ? error.exitCode : exitCodes.failed;
  }
}

/** As shells have it for a program that writes to a pipe that nobody reads any more: `irsa … | head`. */
const brokenPipe = 128 + constants.signals.SIGPIPE;

/** A result that nobody wants any more is no fault; one that cannot be written is. */
function exitCodeOfLostOutput(error: unknown, { stderr }: CommandIo): number {
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return brokenPipe;
  stderr.write(`error: standard output cannot be written: ${errorText(error)}\n`);
  return exitCodes.failed;
}

/** The tree of commands, also for the documentation, which is made of it. */
export function createProgram(context: CommandContext): CommandUnknownOpts {
  const { io } = context;
  const program = new Command('irsa')
    .description('Gives Kubernetes pods their AWS identity, and shows why one has none.')
    .addHelpText('before', `${examplesText({ examples })}\n`)
    .version(version, '--version', 'Show the version and exit.')
    .helpOption('-h, --help', 'Show this text and exit.')
    .enablePositionalOptions();
  program.command('serve').description('Run the admission webhook. "irsa serve --help" lists its flags.');
  for (const create of commands) program.addCommand(create(context));
  program.addCommand(
    completeCommand(context, () => program),
    { hidden: true },
  );
  for (const command of program.commands.filter(command => decidingCommands.includes(command.name()))) {
    command.addHelpText('after', `\n${decisionGroups.map(groupText).join('\n')}`);
  }
  for (const command of withSubcommands(program)) {
    command
      .exitOverride()
      .showSuggestionAfterError()
      .showHelpAfterError(`Run "${pathOf(command)} --help" for what it takes.`)
      .configureOutput({ writeOut: text => io.stdout.write(text), writeErr: text => io.stderr.write(text) });
  }
  return program;
}

function withSubcommands(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  // Two levels: no command has commands below its subcommands.
  return [command, ...command.commands, ...command.commands.flatMap(({ commands: below }) => below)];
}

function pathOf(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
