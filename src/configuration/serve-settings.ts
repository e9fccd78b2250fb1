import type { IdentityDefaults } from '../identity/defaults.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import type { SettingsByName } from './flags.ts';
import {
  identityGroup,
  readComposeRoleArn,
  readIdentityDefaults,
  type ComposeRoleArnSettings,
} from './identity-settings.ts';
import { injectionGroup, readInjection } from './injection-settings.ts';
import { klogGroup, logGroup, readLog, readMetrics, type LogSettings, type MetricsSettings } from './log-settings.ts';
import { readServing, servingGroup, type ServingSettings } from './serving-settings.ts';
import { boolean, type Read, type Setting, type SettingGroup } from './setting.ts';
import {
  kubernetesGroup,
  readKubernetes,
  readSources,
  sourcesGroup,
  type KubernetesSettings,
  type SourceSettings,
} from './source-settings.ts';
import { readTls, tlsGroup, type TlsSettings } from './tls-settings.ts';

const help: Setting<boolean> = boolean({
  name: 'help',
  shorthand: 'h',
  default: false,
  command: true,
  help: 'Show this text and exit.',
});

export const version: Setting<boolean> = boolean({
  name: 'version',
  default: false,
  command: true,
  help: 'Show the version and exit.',
});

export const printConfig: Setting<boolean> = boolean({
  name: 'print-config',
  default: false,
  command: true,
  help: 'Show the value of each setting and where it comes from, and exit.',
});

const commandsGroup: SettingGroup = {
  title: 'Instead of serving',
  settings: [help, version, printConfig],
};

/** The one table of settings of `irsa serve`, in the order of help and documentation. */
export const serveTable: readonly SettingGroup[] = [
  tlsGroup,
  servingGroup,
  kubernetesGroup,
  identityGroup,
  injectionGroup,
  sourcesGroup,
  logGroup,
  klogGroup,
  commandsGroup,
];

/** Every row of the table. */
export const serveRows: readonly Setting<unknown>[] = serveTable.flatMap(group => group.settings);

/** The rows by the names of their flags. */
export const serveRowsByName: SettingsByName = new Map(serveRows.map(setting => [setting.name, setting]));

/** Everything that `irsa serve` can be told, checked, grouped by who needs it. */
export interface ServeSettings {
  readonly tls: TlsSettings;
  readonly serving: ServingSettings;
  readonly kubernetes: KubernetesSettings;
  /** Without account and partition, which are resolved at the start, as `composeRoleArn` says. */
  readonly identity: Omit<IdentityDefaults, 'composeRoleArn'>;
  readonly composeRoleArn: ComposeRoleArnSettings;
  readonly injection: InjectionSettings;
  readonly sources: SourceSettings;
  readonly log: LogSettings;
  readonly metrics: MetricsSettings;
}

/** Returns what all settings say. */
export function toServeSettings(read: Read): ServeSettings {
  return {
    tls: readTls(read),
    serving: readServing(read),
    kubernetes: readKubernetes(read),
    identity: readIdentityDefaults(read),
    composeRoleArn: readComposeRoleArn(read),
    injection: readInjection(read),
    sources: readSources(read),
    log: readLog(read),
    metrics: readMetrics(read),
  };
}
