import type { IdentityDefaults } from '../identity/defaults.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { type Environment, readEnvironment } from './environment.ts';
import type { SettingsByName } from './flag-token.ts';
import type { WrittenText } from './flags.ts';
import {
  type ComposeRoleArnSettings,
  identityGroup,
  readComposeRoleArn,
  readIdentityDefaults,
} from './identity-settings.ts';
import { injectionGroup, readInjection } from './injection-settings.ts';
import { readFrom, resolveSettings } from './resolved-settings.ts';
import { serveRows } from './serve-table.ts';
import type { SettingGroup } from './setting.ts';
import { findInValues } from './value-findings.ts';

/** The settings of the webhook that decide what a pod gets, for commands that decide as it does. */
export const decisionGroups: readonly SettingGroup[] = [identityGroup, injectionGroup];

const decisionRows = decisionGroups.flatMap(group => group.settings);

export const decisionRowsByName: SettingsByName = new Map(decisionRows.map(setting => [setting.name, setting]));

export interface DecisionSettings {
  /** Without account and partition, as in ServeSettings. */
  readonly identity: Omit<IdentityDefaults, 'composeRoleArn'>;
  readonly composeRoleArn: ComposeRoleArnSettings;
  readonly injection: InjectionSettings;
  /** One line for each value that is wrong. */
  readonly problems: readonly string[];
  readonly notices: readonly string[];
}

type Texts = ReadonlyMap<string, WrittenText>;

/** A flag wins over the environment, that over what the installed webhook was started with, and that over the default. */
export function readDecisionSettings(
  flags: Texts,
  environment: Environment,
  installed: Texts = new Map(),
): DecisionSettings {
  const variables = readEnvironment(environment, serveRows);
  const resolved = resolveSettings(decisionRows, flags, new Map([...installed, ...variables.texts]));
  const read = readFrom(resolved);
  const { problems, notices } = findInValues(resolved);
  return {
    identity: readIdentityDefaults(read),
    composeRoleArn: readComposeRoleArn(read),
    injection: readInjection(read),
    problems,
    notices,
  };
}
