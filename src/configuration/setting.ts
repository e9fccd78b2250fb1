/** The types of pflag, as `--help` and the documentation show them. */
type SettingType = 'bool' | 'int' | 'int64' | 'string' | 'duration';

/** What the text of a flag or an environment variable says. */
export type Parsed<T> =
  /** `text` is the value in its plainest form, `notice` what its author should know although it is used. */
  | { readonly kind: 'value'; readonly value: T; readonly text: string; readonly notice?: string }
  /** `detail`: what was expected and what was found. */
  | { readonly kind: 'problem'; readonly detail: string };

/** One row of the table of settings: everything that flags, environment, help and documentation need to know of it. */
export interface Setting<T> {
  /** The flag without its dashes. */
  readonly name: string;
  /** The letter that stands for it after a single dash. */
  readonly shorthand?: string;
  readonly type: SettingType;
  /** The only values, where they can be listed. */
  readonly choices?: readonly string[];
  /** The default as it would be written on the command line. */
  readonly defaultText: string;
  /** The default as `parse(defaultText)` gives it. */
  readonly defaultValue: T;
  /** One line; empty for a setting that is accepted and needs no explanation. */
  readonly help: string;
  /** Set for a setting that is understood so that existing manifests work, and has no effect. */
  readonly ignored?: true;
  /** Set for a flag that asks for something else than serving; there is no environment variable for it. */
  readonly command?: true;
  parse(text: string): Parsed<T>;
}

/** Settings that belong together, as help and documentation show them. */
export interface SettingGroup {
  readonly title: string;
  readonly settings: readonly Setting<unknown>[];
}

/** The value of a setting: what flag, environment or default say. */
export type Read = <T>(setting: Setting<T>) => T;

/** Where the value of a setting comes from, strongest first. */
export type Origin = 'flag' | 'environment' | 'default';

/** The environment variable of a setting: `IRSA_TOKEN_EXPIRATION` for `--token-expiration`; undefined for a command. */
export function environmentName(setting: Setting<unknown>): string | undefined {
  if (setting.command === true) return undefined;
  return `IRSA_${setting.name.replaceAll('-', '_').toUpperCase()}`;
}
