import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { decisionGroups } from '../../configuration/resolved-settings.ts';
import { serveTable } from '../../configuration/serve-settings.ts';
import type { SettingGroup } from '../../configuration/setting.ts';
import { decidingCommands } from '../common/decision-context.ts';

/** One thing that can come next. */
export interface Candidate {
  readonly text: string;
  /** One line. */
  readonly about: string;
}

/** A flag with what completion needs to know of it. */
interface Flag {
  readonly names: readonly string[];
  readonly about: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** What the last of these words can become; the others are what stands before it. None means: perhaps a file. */
export function findCandidates(program: CommandUnknownOpts, words: readonly string[]): readonly Candidate[] {
  const word = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const command = commandOf(program, before);
  return candidatesFor(command, before.at(-1) ?? '', word).filter(({ text }) => text.startsWith(word));
}

function commandOf(program: CommandUnknownOpts, words: readonly string[]): CommandUnknownOpts {
  let command = program;
  for (const word of words) command = command.commands.find(candidate => candidate.name() === word) ?? command;
  return command;
}

function candidatesFor(command: CommandUnknownOpts, previous: string, word: string): readonly Candidate[] {
  const flags = flagsOf(command);
  const [name] = word.split('=', 1);
  const joined = flags.find(flag => word.includes('=') && flag.names.includes(name ?? ''));
  if (joined !== undefined) return joined.choices.map(choice => ({ text: `${name}=${choice}`, about: '' }));
  const open = flags.find(flag => flag.takesValue && flag.names.includes(previous));
  if (open !== undefined) return open.choices.map(choice => ({ text: choice, about: '' }));
  if (word.startsWith('-')) return flags.flatMap(({ names, about }) => names.map(text => ({ text, about })));
  return [...subcommandsOf(command), ...argumentsOf(command)];
}

function subcommandsOf({ commands }: CommandUnknownOpts): readonly Candidate[] {
  const shown = commands.filter(command => !command.name().startsWith('_'));
  return shown.map(command => ({ text: command.name(), about: command.summary() || command.description() }));
}

function argumentsOf({ registeredArguments }: CommandUnknownOpts): readonly Candidate[] {
  return registeredArguments.flatMap(({ argChoices }) => (argChoices ?? []).map(text => ({ text, about: '' })));
}

function flagsOf(command: CommandUnknownOpts): readonly Flag[] {
  const own = command.createHelp().visibleOptions(command).map(toFlag);
  if (command.name() === 'serve') return settingFlags(serveTable);
  return decidingCommands.includes(command.name()) ? [...own, ...settingFlags(decisionGroups)] : own;
}

function toFlag({ long, short, description, required, optional, argChoices }: Option): Flag {
  return {
    names: [long, short].filter(name => name !== undefined),
    about: description,
    takesValue: required || optional,
    choices: argChoices ?? [],
  };
}

/** Flags in the syntax of pflag: a boolean takes its value only after "=". */
function settingFlags(groups: readonly SettingGroup[]): readonly Flag[] {
  const settings = groups.flatMap(group => group.settings).filter(({ help }) => help !== '');
  return settings.map(({ name, type, help, choices }) => ({
    names: [`--${name}`],
    about: help,
    takesValue: type !== 'bool',
    choices: choices ?? (type === 'bool' ? ['true', 'false'] : []),
  }));
}
