import type { WrittenText } from './flags.ts';
import { logLevel, verbosity } from './log-settings.ts';
import type { Origin, Read, Setting } from './setting.ts';

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
  const level = resolved.get(logLevel.name);
  const given = resolved.get(verbosity.name);
  if (level?.origin !== 'default' || given === undefined) return resolved;
  if (readFrom(resolved)(verbosity) < debugVerbosity) return resolved;
  return new Map([...resolved, [logLevel.name, { ...given, text: 'debug', setting: logLevel }]]);
}

/** Reads values; of a setting whose text is wrong the default, so that the other problems are found too. */
export function readFrom(resolved: ResolvedSettings): Read {
  return setting => {
    const parsed = setting.parse(resolved.get(setting.name)?.text ?? setting.defaultText);
    return parsed.kind === 'value' ? parsed.value : setting.defaultValue;
  };
}
