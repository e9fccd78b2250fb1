import type { IdentityDefaults } from '../identity/defaults.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { type ComposeRoleArnSettings, readComposeRoleArn, readIdentityDefaults } from './identity-settings.ts';
import { readInjection } from './injection-settings.ts';
import { type KubernetesSettings, readKubernetes } from './kubernetes-settings.ts';
import { type LogSettings, type MetricsSettings, readLog, readMetrics } from './log-settings.ts';
import type { Read } from './setting.ts';
import { readServing, type ServingSettings } from './serving-settings.ts';
import { readSources, type SourceSettings } from './source-settings.ts';
import { readTls, type TlsSettings } from './tls-settings.ts';

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
