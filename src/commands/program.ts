import { constants } from 'node:os';
import { Command, CommanderError, Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { groupText } from '../configuration/help-text.ts';
import { decisionGroups } from '../configuration/resolved-settings.ts';
import { CleanWriter } from '../terminal/clean-writer.ts';
import { errorText } from '../util/error-text.ts';
import { auditCommand } from './audit/audit-command.ts';
import { defineCheck } from './check/check-command.ts';
import { exitCodes, version, type CommandIo, type ExitCode, type ProcessIo } from './command-io.ts';
import { CommandFailure, describeFailure } from './common/command-failure.ts';
import { decidingCommands, takeDecisionFlags } from './common/decision-context.ts';
import { defineCommand, examplesText, type CommandContext } from './common/define-command.ts';
import { completeCommand, completionCommand } from './completion/completion-command.ts';
import { defineConfig, defineConfigValidate } from './config/config-command.ts';
import { explainCommand } from './explain/explain-command.ts';
import { mutateCommand } from './mutate/mutate-command.ts';
import {
  defineOidc,
  defineOidcBundle,
  defineOidcDiscovery,
  defineOidcJwks,
  defineOidcVerify,
} from './oidc/oidc-command.ts';
import { defineToken, defineTokenInspect, defineTokenRequest } from './token/token-command.ts';
import { defineTrustPolicy } from './trust-policy/trust-policy-command.ts';

/** Every command but `serve`, in the order of help and documentation. What only runs a command is loaded when it runs. */
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
export async function runProgram(argv: readonly string[], processIo: ProcessIo): Promise<ExitCode> {
  const io = commandIo(processIo);
  let exitCode: ExitCode = exitCodes.done;
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  processIo.stdout.on('error', (error: unknown) => io.process.exit(exitCodeOfLostOutput(error, io)));
  try {
    const { rest, texts } = takeDecisionFlags(argv);
    await createProgram({ io, settingFlags: texts, finish }).parseAsync([...rest], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has written its own line, with a suggestion where it has one.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    io.stderr.write(await describeFailure(error));
    return error instanceof CommandFailure ? error.exitCode : exitCodes.failed;
  }
}

/** Returns what a command gets of the process. */
export function commandIo(io: ProcessIo): CommandIo {
  const stdout = new CleanWriter(io.stdout);
  return { ...io, stdout, stderr: new CleanWriter(io.stderr), documents: stdout.isTTY ? stdout : io.stdout };
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

function checkCommand({ io, finish }: CommandContext): CommandUnknownOpts {
  return defineCheck().action(async options => {
    const { runCheck } = await import('./check/run-check.ts');
    finish(await runCheck(options, io));
  });
}

function oidcCommand({ io, finish }: CommandContext): CommandUnknownOpts {
  const discovery = defineOidcDiscovery().action(async options => {
    const { runDiscovery } = await import('./oidc/run-documents.ts');
    await runDiscovery(options, io);
  });
  const jwks = defineOidcJwks().action(async options => {
    const { runJwks } = await import('./oidc/run-documents.ts');
    await runJwks(options, io);
  });
  const bundle = defineOidcBundle().action(async options => {
    const { runBundle } = await import('./oidc/run-documents.ts');
    await runBundle(options, io);
  });
  const verify = defineOidcVerify().action(async options => {
    const { runVerify } = await import('./oidc/run-verify.ts');
    finish(await runVerify(options, io));
  });
  return defineOidc().addCommand(discovery).addCommand(jwks).addCommand(bundle).addCommand(verify);
}

function trustPolicyCommand({ io, finish }: CommandContext): CommandUnknownOpts {
  return defineTrustPolicy().action(async options => {
    const { runTrustPolicy } = await import('./trust-policy/run-trust-policy.ts');
    finish(await runTrustPolicy(options, io));
  });
}

function tokenCommand({ io, finish }: CommandContext): CommandUnknownOpts {
  const inspect = defineTokenInspect().action(async (file, options) => {
    const { runInspect } = await import('./token/run-inspect.ts');
    finish(await runInspect(file, options, io));
  });
  const request = defineTokenRequest().action(async (account, options) => {
    const { runRequest } = await import('./token/run-request.ts');
    await runRequest(account, options, io);
  });
  return defineToken().addCommand(inspect).addCommand(request);
}

function configCommand({ io, finish }: CommandContext): CommandUnknownOpts {
  const validate = defineConfigValidate().action(async (file, { output }) => {
    const { runValidate } = await import('./config/run-validate.ts');
    finish(await runValidate(file, output, io));
  });
  return defineConfig().addCommand(validate);
}

/** `irsa version` */
function versionCommand({ io }: CommandContext): CommandUnknownOpts {
  return defineCommand({
    name: 'version',
    summary: 'Show the version.',
    description: 'Shows the version of the program, which is that of chart and image too.',
    examples: [{ purpose: 'For a script', line: 'irsa version -o json' }],
  })
    .addOption(new Option('-o, --output <format>', 'Format.').choices(['text', 'json']).default('text'))
    .action(({ output }) => {
      const document = {
        apiVersion: 'irsa/v1',
        kind: 'Version',
        version,
        node: process.version,
        platform: process.platform,
      };
      io.stdout.write(output === 'json' ? `${JSON.stringify(document, null, 2)}\n` : `${version}\n`);
    });
}
