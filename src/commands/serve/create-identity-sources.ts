import { type ReflectorSettings, defaultReflectorSettings } from '../../kubernetes/watch-state.ts';
import type { ServeSettings } from '../../configuration/serve-settings.ts';
import type { SourceSettings } from '../../configuration/source-settings.ts';
import type { IdentityDefaults, RoleArnParts } from '../../identity/defaults.ts';
import { KubernetesClient } from '../../kubernetes/client.ts';
import type { Connection } from '../../kubernetes/connection.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { IdentitySources } from '../../sources/identity-sources.ts';
import { readInstanceIdentity, partitionOf } from '../../sources/instance-identity.ts';
import { defaultLookupSettings } from '../../sources/service-account-lookup.ts';

/** Where the parts report to. */
export interface Observability {
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Accounts that were created or changed this long ago are read again: the watch of another API server may lag behind (E41). */
const recentMs = 5_000;
/** The associations file is small and local: reading it is cheap, and pods wait for what it says. */
const associationsPollMs = 5_000;
/** A file that is being written looks empty or malformed for a moment. */
const associationsSettleMs = 500;

/** Creates the sources, which start with `run`. Rejects with one clear line. */
export async function createIdentitySources(
  settings: ServeSettings,
  connection: Connection,
  { log, metrics }: Observability,
): Promise<IdentitySources> {
  const now = (): number => performance.now();
  const { sources } = settings;
  return new IdentitySources({
    client: new KubernetesClient(connection, metrics, now),
    defaults: await identityDefaults(settings),
    mapping: sources.mapping,
    associations:
      sources.associationsFile === undefined
        ? undefined
        : { path: sources.associationsFile, pollMs: associationsPollMs, settleMs: associationsSettleMs },
    maxWaitMs: sources.maxWaitMs,
    recentMs,
    rechecksPerSecond: sources.rechecksPerSecond,
    reflector: reflectorSettings(sources),
    lookup: { ...defaultLookupSettings, concurrent: sources.lookupConcurrency },
    observer: metrics,
    log,
    now,
    random: Math.random,
  });
}

async function identityDefaults(settings: ServeSettings): Promise<IdentityDefaults> {
  if (!settings.composeRoleArn.enabled) return settings.identity;
  return { ...settings.identity, composeRoleArn: await roleArnParts(settings) };
}

/** Account and partition by flag, then by region, then from the instance. */
async function roleArnParts({ composeRoleArn, injection }: ServeSettings): Promise<RoleArnParts> {
  const { accountId, partition, imdsEndpoint, imdsTimeoutMs } = composeRoleArn;
  if (accountId === undefined) {
    const found = await readInstanceIdentity({ endpoint: imdsEndpoint, timeoutMs: imdsTimeoutMs });
    return { ...found, ...(partition === undefined ? {} : { partition }) };
  }
  if (partition !== undefined) return { accountId, partition };
  return { accountId, partition: injection.region === '' ? 'aws' : await partitionOf(injection.region) };
}

/** How every resource is followed, as the flags say. */
export function reflectorSettings({ silenceMs, watchList, listPageSize }: SourceSettings): ReflectorSettings {
  return { ...defaultReflectorSettings, silenceMs, streamsLists: watchList, pageSize: listPageSize };
}
