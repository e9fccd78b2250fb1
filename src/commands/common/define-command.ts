import { Command, Option } from '@commander-js/extra-typings';
import type { CommandIo, ExitCode } from '../command-io.ts';

/** What a command needs besides its options. */
export interface CommandContext {
  readonly io: CommandIo;
  /** The texts of the settings that were given as flags, by their names (common/decision-context.ts). */
  readonly settingFlags: ReadonlyMap<string, { readonly text: string; readonly label: string }>;
  /** Sets the exit code of the process, which is 0 without it. */
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

/** The type of the options that a command takes, as commander infers it from their definitions. */
export type OptionsOf<Definition extends () => { opts(): unknown }> = ReturnType<ReturnType<Definition>['opts']>;

const colours = ['auto', 'always', 'never'] as const;

/** `--color`, as helm and kyverno have it. */
export function colourOption(): Option<
  '--color <when>',
  undefined,
  'auto',
  undefined,
  false,
  (typeof colours)[number]
> {
  return new Option('--color <when>', 'Colours: auto means on a terminal, unless NO_COLOR is set.')
    .choices(colours)
    .default('auto');
}

/** Gathers the values of an option that can be repeated, as commander asks for it. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
