import { commandsGroup } from './command-flags.ts';
import type { SettingsByName } from './flag-token.ts';
import { identityGroup } from './identity-settings.ts';
import { injectionGroup } from './injection-settings.ts';
import { klogGroup } from './klog-flags.ts';
import { kubernetesGroup } from './kubernetes-settings.ts';
import { logGroup } from './log-settings.ts';
import type { Setting, SettingGroup } from './setting.ts';
import { servingGroup } from './serving-settings.ts';
import { sourcesGroup } from './source-settings.ts';
import { tlsGroup } from './tls-settings.ts';

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

export const serveRowsByName: SettingsByName = new Map(serveRows.map(setting => [setting.name, setting]));
