import type { Environment } from '../../configuration/environment.ts';
import { readDecisionSettings, type DecisionSettings } from '../../configuration/decision-settings.ts';
import type { WrittenText } from '../../configuration/flags.ts';
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

/** A command asks no metadata service: it would tell of the machine it runs on, not of the cluster. */
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
