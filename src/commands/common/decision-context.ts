import type { Environment } from '../../configuration/environment.ts';
import { splitFlag, type WrittenText } from '../../configuration/flags.ts';
import {
  decisionRowsByName,
  readDecisionSettings,
  type DecisionSettings,
} from '../../configuration/resolved-settings.ts';
import type { IdentityDefaults } from '../../identity/defaults.ts';
import type { InjectionSettings } from '../../injection/settings.ts';
import { usageFailure } from './command-failure.ts';

/** With what the webhook would decide. */
export interface DecisionContext {
  readonly defaults: IdentityDefaults;
  readonly injection: InjectionSettings;
  /** By the setting's name. */
  readonly origins: DecisionSettings['origins'];
}

type Texts = ReadonlyMap<string, WrittenText>;

/**
 * The settings to decide with, from flags, environment and, where it is known, what the installed webhook was started with.
 * Rejects with a CommandFailure that names each wrong value.
 */
export async function decisionContext(
  flags: Texts,
  environment: Environment,
  installed?: Texts,
): Promise<DecisionContext> {
  const settings = readDecisionSettings(flags, environment, installed);
  const [first, ...more] = settings.problems;
  if (first !== undefined) throw usageFailure(first, more);
  const { injection, origins } = settings;
  return { defaults: await identityDefaults(settings), injection, origins };
}

/** A command asks no metadata service: that describes the machine it runs on, not the cluster. */
async function identityDefaults({ identity, composeRoleArn, injection }: DecisionSettings): Promise<IdentityDefaults> {
  if (!composeRoleArn.enabled) return identity;
  const { accountId, partition } = composeRoleArn;
  if (accountId === undefined) throw usageFailure('--compose-role-arn: expected --account-id with it, found none');
  return { ...identity, composeRoleArn: { accountId, partition: partition ?? (await partitionFor(injection.region)) } };
}

async function partitionFor(region: string): Promise<string> {
  if (region === '') return 'aws';
  const { partitionOf } = await import('../../sources/instance-identity.ts');
  return partitionOf(region);
}

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
