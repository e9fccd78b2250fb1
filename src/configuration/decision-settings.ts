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
import { readFrom, resolveSettings, type ResolvedSetting } from './resolved-settings.ts';
import { serveRows } from './serve-table.ts';
import type { Origin, SettingGroup } from './setting.ts';
import { findInValues } from './value-findings.ts';

/** The settings of the webhook that decide what a pod gets, for commands that decide as it does. */
export const decisionGroups: readonly SettingGroup[] = [identityGroup, injectionGroup];

const decisionRows = decisionGroups.flatMap(group => group.settings);

export const decisionRowsByName: SettingsByName = new Map(decisionRows.map(setting => [setting.name, setting]));

/** Who gave a setting its text. */
export interface SettingOrigin {
  readonly from: Origin | 'installed';
  /** As it was written, for example `--token-audience` or `IRSA_TOKEN_AUDIENCE`. */
  readonly label: string;
}

export interface DecisionSettings {
  /** Without account and partition, as in ServeSettings. */
  readonly identity: Omit<IdentityDefaults, 'composeRoleArn'>;
  readonly composeRoleArn: ComposeRoleArnSettings;
  readonly injection: InjectionSettings;
  /** By the setting's name. */
  readonly origins: ReadonlyMap<string, SettingOrigin>;
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
    origins: new Map([...resolved.values()].map(found => [found.setting.name, originOf(found, variables.texts)])),
    problems,
    notices,
  };
}

/** What the installed webhook was started with stands below the environment, and is resolved together with it. */
function originOf({ setting, origin, label }: ResolvedSetting, variables: Texts): SettingOrigin {
  return { from: origin === 'environment' && !variables.has(setting.name) ? 'installed' : origin, label };
}
