import type { IdentitySource, ServiceAccountReference } from '../admission/identity-source.ts';
import type { IdentityDefaults } from '../identity/defaults.ts';
import type { IdentityAnswer } from '../identity/identity.ts';
import type { NoticeCode } from '../identity/notice.ts';
import { parseServiceAccountAnnotations, type ServiceAccountFacts } from '../identity/service-account-annotations.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { serviceAccountsPath } from '../kubernetes/paths.ts';
import type { ReflectorSettings } from '../kubernetes/watch-state.ts';
import { Reflector, type ReflectorObserver } from '../kubernetes/reflector.ts';
import type { ResourceHandler, WatchedResource } from '../kubernetes/watched-resource.ts';
import type { Health } from '../util/health.ts';
import type { Log } from '../util/log.ts';
import { FairBucket } from '../util/fair-bucket.ts';
import { AssociationsFile } from './associations-file.ts';
import { LiveIdentitySource } from './live-identity-source.ts';
import { MappingConfigMap, mappingResource } from './mapping-config-map.ts';
import { ServiceAccountLookup, type LookupSettings } from './service-account-lookup.ts';
import { ServiceAccountStore } from './service-account-store.ts';
import type { ObservedSources, ResourceStatus, SourceObserver } from './source-observer.ts';

export interface IdentitySourcesOptions {
  readonly client: KubernetesClient;
  readonly defaults: IdentityDefaults;
  /** The mapping ConfigMap; undefined without `--watch-config-map`. */
  readonly mapping: { readonly namespace: string; readonly name: string } | undefined;
  /** The associations file; undefined without `--watch-container-credentials-config`. */
  readonly associations: { readonly path: string; readonly pollMs: number; readonly settleMs: number } | undefined;
  /** The longest wait for a ServiceAccount that has to be read, whatever the caller allows. */
  readonly maxWaitMs: number;
  /** How long an account that was created or changed without a role is read again for each pod (E41). */
  readonly recentMs: number;
  /** How many accounts without a role are read again each second, before their pods go without identity (E41). */
  readonly rechecksPerSecond: number;
  readonly reflector: ReflectorSettings;
  readonly lookup: LookupSettings;
  readonly observer: SourceObserver & ReflectorObserver;
  readonly log: Log;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** A rollout begins with a burst of pods: two seconds' worth for the first namespace, which gets half of what is there. */
const burstSeconds = 4;

/**
 * Once a list has been coming for this long, a replica is ready without its end: until then a pod whose account has not come yet
 * costs a live read, while a replica that is not ready is not asked at all. 100,000 usual accounts take 1.3 s; a tenant that
 * goes on writing large ones makes the list take more than a minute, after which the kubelet would start the replica again.
 */
const listPatienceMs = 1_000;

/** Everything that says which identity an account has, started and asked as one. */
export class IdentitySources implements IdentitySource, ObservedSources {
  readonly #store: ServiceAccountStore;
  readonly #accounts: Reflector;
  readonly #mapping: FollowedMapping | undefined;
  readonly #associations: AssociationsFile | undefined;
  readonly #source: LiveIdentitySource;

  constructor(options: IdentitySourcesOptions) {
    const { client, defaults, log, now } = options;
    const store = new ServiceAccountStore({
      parse: annotations => parseServiceAccountAnnotations(annotations, defaults),
      recentMs: options.recentMs,
      now,
    });
    const accounts = follow(options, serviceAccounts, store);
    const { observer } = options;
    const lookup = new ServiceAccountLookup({ client, store, settings: options.lookup, observer, now });
    this.#store = store;
    this.#accounts = accounts;
    this.#mapping = options.mapping === undefined ? undefined : followMapping(options, options.mapping);
    this.#associations =
      options.associations === undefined ? undefined : new AssociationsFile({ ...options.associations, log, now });
    this.#source = new LiveIdentitySource({
      ...options,
      accounts: {
        get: account => store.get(account),
        vouchesFor: account => accounts.live() && !store.changedRecently(account),
      },
      rechecks: rechecksOf(options),
      find: (account, waitMs) => lookup.find(account, waitMs),
      mapping: this.#mapping,
      associations: this.#associations,
    });
  }

  /** Follows all sources until the signal ends it. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#accounts.run(signal),
      this.#mapping?.reflector.run(signal),
      this.#associations?.run(signal),
    ]);
  }

  identityOf(account: ServiceAccountReference, waitMs: number): IdentityAnswer | Promise<IdentityAnswer> {
    return this.#source.identityOf(account, waitMs);
  }

  /** True once every source has been read completely. */
  synced(): boolean {
    const sources = [this.#accounts, this.#mapping, this.#associations];
    return sources.every(source => source?.synced() !== false);
  }

  /** The worst of all sources, with everybody's reasons. */
  health(): Health {
    const healths = [this.#accountsHealth(), this.#mapping?.reflector.health(), this.#associations?.health()];
    const troubled = healths.filter(health => health !== undefined && health.kind !== 'healthy');
    if (troubled.length === 0) return { kind: 'healthy' };
    const detail = troubled.map(health => health.detail).join('; ');
    return { kind: troubled.some(health => health.kind === 'unhealthy') ? 'unhealthy' : 'degraded', detail };
  }

  #accountsHealth(): Health {
    const listingMs = this.#accounts.listingMs();
    if (listingMs === undefined || listingMs < listPatienceMs) return this.#accounts.health();
    return { kind: 'degraded', detail: 'serviceaccounts: still being listed, read one by one meanwhile' };
  }

  /** The state of each source, for the metrics. Counts on each call: call it once a scrape. */
  status(): readonly ResourceStatus[] {
    const statuses = [statusOf('serviceaccounts', this.#accounts, count(this.#store.annotated()))];
    if (this.#mapping !== undefined) {
      statuses.push(statusOf('configmaps', this.#mapping.reflector, this.#mapping.current().size));
    }
    if (this.#associations !== undefined) {
      const objects = this.#associations.current().size;
      statuses.push({
        resource: 'associations',
        synced: this.#associations.synced(),
        objects,
        lastContactMs: undefined,
      });
    }
    return statuses;
  }

  /** Every annotated account by `namespace/name`, for debugging. */
  annotatedAccounts(): Iterable<readonly [key: string, facts: ServiceAccountFacts]> {
    return this.#store.annotated();
  }

  /** Reads everything that is watched again; what is known goes on being served meanwhile. */
  relist(): void {
    this.#accounts.relist();
    this.#mapping?.reflector.relist();
  }

  /** Counts on each call. */
  invalidServiceAccounts(): ReadonlyMap<NoticeCode, number> {
    const counts = new Map<NoticeCode, number>();
    for (const [, { notices }] of this.#store.annotated()) {
      for (const { code } of notices) counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    return counts;
  }
}

const serviceAccounts: WatchedResource = {
  resource: 'serviceaccounts',
  kind: 'ServiceAccount',
  path: serviceAccountsPath,
  query: {},
  permissionHint: 'the ClusterRole needs get, list and watch on serviceaccounts',
};

function follow(options: IdentitySourcesOptions, watched: WatchedResource, handler: ResourceHandler): Reflector {
  return new Reflector({ ...options, settings: options.reflector, watched, handler });
}

function rechecksOf({ rechecksPerSecond, now }: IdentitySourcesOptions): FairBucket | undefined {
  if (rechecksPerSecond === 0) return undefined;
  return new FairBucket({ perSecond: rechecksPerSecond, burst: burstSeconds * rechecksPerSecond, now });
}

interface FollowedMapping {
  readonly reflector: Reflector;
  synced(): boolean;
  current(): ReturnType<MappingConfigMap['current']>;
}

function followMapping(
  options: IdentitySourcesOptions,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): FollowedMapping {
  const configMap = new MappingConfigMap({
    namespace,
    name,
    composeWith: options.defaults.composeRoleArn,
    log: options.log,
  });
  const reflector = follow(options, mappingResource(namespace, name), configMap);
  return { reflector, synced: () => reflector.synced(), current: () => configMap.current() };
}

function statusOf(resource: string, reflector: Reflector, objects: number): ResourceStatus {
  return { resource, synced: reflector.synced(), objects, lastContactMs: reflector.lastContactMs() };
}

function count(items: Iterable<unknown>): number {
  let size = 0;
  for (const _ of items) size += 1;
  return size;
}
