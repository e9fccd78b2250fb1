import { Command } from '@commander-js/extra-typings';
import type { CommandIo, ExitCode } from '../command-io.ts';

/** What a command needs beside its options. */
export interface CommandContext {
  readonly io: CommandIo;
  /** The texts of the settings that were given as flags, by their names (common/decision-flags.ts). */
  readonly settingFlags: ReadonlyMap<string, { readonly text: string; readonly label: string }>;
  /** Says what the process is to end with; without it, with 0. */
  readonly finish: (exitCode: ExitCode) => void;
}

/** How `--help` and the documentation introduce a command. */
export interface CommandTexts {
  readonly name: string;
  /** One line, as the list of commands shows it. */
  readonly summary: string;
  /** A paragraph or two; lines are kept. */
  readonly description: string;
  /** What people want to do, and the command line that does it. At least one. */
  readonly examples: readonly { readonly purpose: string; readonly line: string }[];
}

/** A command whose help begins with its examples. Options, arguments and the action are added by the caller. */
export function defineCommand(texts: CommandTexts): Command {
  return new Command(texts.name)
    .summary(texts.summary)
    .description(texts.description)
    .addHelpText('before', `${examplesText(texts)}\n`);
}

/** The examples as `--help` and the documentation show them. */
export function examplesText({ examples }: Pick<CommandTexts, 'examples'>): string {
  return `Examples:\n${examples.map(({ purpose, line }) => `  # ${purpose}\n  ${line}\n`).join('\n')}`;
}
