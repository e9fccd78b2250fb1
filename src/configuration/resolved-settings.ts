import type { IdentityDefaults } from '../identity/defaults.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { readEnvironment, type Environment } from './environment.ts';
import type { SettingsByName, WrittenText } from './flags.ts';
import {
  identityGroup,
  readComposeRoleArn,
  readIdentityDefaults,
  type ComposeRoleArnSettings,
} from './identity-settings.ts';
import { injectionGroup, readInjection } from './injection-settings.ts';
import { logRows, verbosity } from './log-settings.ts';
import { serveRows } from './serve-settings.ts';
import type { Origin, Read, Setting, SettingGroup } from './setting.ts';

/** The text that counts for a setting. */
export interface ResolvedSetting extends WrittenText {
  readonly setting: Setting<unknown>;
  readonly origin: Origin;
}

/** By the setting's name. */
export type ResolvedSettings = ReadonlyMap<string, ResolvedSetting>;

type Texts = ReadonlyMap<string, WrittenText>;

/** Flag before environment before default. */
export function resolveSettings(rows: readonly Setting<unknown>[], flags: Texts, environment: Texts): ResolvedSettings {
  const resolved = new Map(rows.map(setting => [setting.name, resolve(setting, flags, environment)]));
  return withVerbosity(resolved);
}

function resolve(setting: Setting<unknown>, flags: Texts, environment: Texts): ResolvedSetting {
  const flag = flags.get(setting.name);
  if (flag !== undefined) return { ...flag, setting, origin: 'flag' };
  const variable = environment.get(setting.name);
  if (variable !== undefined) return { ...variable, setting, origin: 'environment' };
  return { text: setting.defaultText, label: `--${setting.name}`, setting, origin: 'default' };
}

/** From this klog verbosity on, the AWS webhook logs what our level `debug` holds. */
const debugVerbosity = 4;

function withVerbosity(resolved: ResolvedSettings): ResolvedSettings {
  const level = resolved.get(logRows.level.name);
  const given = resolved.get(verbosity.name);
  if (level?.origin !== 'default' || given === undefined) return resolved;
  if (readFrom(resolved)(verbosity) < debugVerbosity) return resolved;
  return new Map([...resolved, [logRows.level.name, { ...given, text: 'debug', setting: logRows.level }]]);
}

/** Reads values; of a setting whose text is wrong the default, so that the other problems are found too. */
export function readFrom(resolved: ResolvedSettings): Read {
  return setting => {
    const parsed = setting.parse(resolved.get(setting.name)?.text ?? setting.defaultText);
    return parsed.kind === 'value' ? parsed.value : setting.defaultValue;
  };
}

/** What is to be said about the values, each for itself. */
interface ValueFindings {
  readonly problems: readonly string[];
  readonly notices: readonly string[];
  /** Names of the settings that have a problem. */
  readonly invalid: ReadonlySet<string>;
}

/** Checks every value. */
export function findInValues(resolved: ResolvedSettings): ValueFindings {
  const problems: string[] = [];
  const notices: string[] = [];
  const invalid = new Set<string>();
  for (const { setting, text, label } of resolved.values()) {
    const parsed = setting.parse(text);
    if (parsed.kind === 'problem') {
      problems.push(`${label}: ${parsed.detail}`);
      invalid.add(setting.name);
    } else if (parsed.notice !== undefined) {
      notices.push(`${label}: ${parsed.notice}`);
    }
  }
  return { problems, notices, invalid };
}

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
