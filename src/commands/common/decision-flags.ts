import { decisionRowsByName } from '../../configuration/decision-settings.ts';
import { splitFlag } from '../../configuration/flag-token.ts';
import type { WrittenText } from '../../configuration/flags.ts';
import { usageFailure } from './command-failure.ts';

/** Commands that decide as the webhook does. */
export const decidingCommands: readonly string[] = ['mutate', 'explain', 'audit'];

export interface TakenFlags {
  /** The arguments without them. */
  readonly rest: readonly string[];
  /** By the setting's name; of a repeated flag the last. */
  readonly texts: ReadonlyMap<string, WrittenText>;
}

/**
 * Takes the webhook's flags about identities and injection out of the arguments of the commands that decide as it does. They
 * are written as for `irsa serve`, in the syntax of pflag: a boolean takes its value only after "=". Throws CommandFailure.
 */
export function takeDecisionFlags(argv: readonly string[]): TakenFlags {
  const [command, ...args] = argv;
  if (command === undefined || !decidingCommands.includes(command)) return { rest: argv, texts: new Map() };
  const rest: string[] = [command];
  const texts = new Map<string, WrittenText>();
  for (let index = 0; index < args.length; index += 1) {
    const written = args[index] ?? '';
    if (written === '--') return { rest: [...rest, ...args.slice(index)], texts };
    const { name, text } = splitFlag(written.startsWith('--') ? written.slice(2) : '');
    const setting = decisionRowsByName.get(name);
    if (setting === undefined) {
      rest.push(written);
      continue;
    }
    const needsNext = text === undefined && setting.type !== 'bool';
    if (needsNext) index += 1;
    texts.set(name, { text: text ?? (needsNext ? next(args[index], name) : 'true'), label: `--${name}` });
  }
  return { rest, texts };
}

function next(argument: string | undefined, name: string): string {
  if (argument === undefined) throw usageFailure(`flag needs an argument: --${name}`);
  return argument;
}
