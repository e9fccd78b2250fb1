import { metadataOf } from '../kubernetes/objects.ts';
import type { ServiceAccountReference } from '../admission/identity-source.ts';
import { namesRole } from '../identity/role-arn.ts';
import type { ServiceAccountFacts } from '../identity/service-account-annotations.ts';
import {
  isNewerVersion,
  newerVersion,
  type ResourceHandler,
  type ChangeEvent,
  isVersion,
} from '../kubernetes/watched-resource.ts';
import { ownObject, ownString, type JsonObject } from '../util/json.ts';

/** What is known of one ServiceAccount that exists. */
export interface KnownServiceAccount {
  /** Undefined when it carries no annotation of ours. */
  readonly facts: ServiceAccountFacts | undefined;
}

interface Entry extends KnownServiceAccount {
  /** Empty for a listed account without annotations: then the list's version counts. */
  readonly resourceVersion: string;
}

/** What all listed accounts without annotations share, so that each costs no more than its name (E46). */
const listedWithoutAnnotations: Entry = { facts: undefined, resourceVersion: '' };

export interface ServiceAccountStoreOptions {
  readonly parse: (annotations: JsonObject | undefined) => ServiceAccountFacts | undefined;
  /** How long an account counts as changed recently. */
  readonly recentMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Every ServiceAccount of the cluster: the facts of the annotated ones, the names of the others. Told by the watch and by
 * live reads, of which the one with the newest resourceVersion wins (E43).
 */
export class ServiceAccountStore implements ResourceHandler {
  readonly #parse: ServiceAccountStoreOptions['parse'];
  readonly #recent: RecentChanges;
  #entries = new Map<string, Entry>();
  #gathered = new Map<string, Entry>();
  /** Version of the last complete list. */
  #listVersion = '';
  /** The newest version that list or watch have told of: all that happened before it is known. */
  #toldVersion = '';

  constructor(options: ServiceAccountStoreOptions) {
    this.#parse = options.parse;
    this.#recent = new RecentChanges(options.recentMs, options.now);
  }

  /** The account, when it is known to exist; of the first list, as far as that has come. */
  get(account: ServiceAccountReference): KnownServiceAccount | undefined {
    const key = keyOf(account);
    return this.#entries.get(key) ?? (this.#listVersion === '' ? this.#gathered.get(key) : undefined);
  }

  /** True when the account has lately been created or changed and has no role yet: its role may be on the way (E41). */
  changedRecently(account: ServiceAccountReference): boolean {
    return this.#recent.has(keyOf(account));
  }

  /** Every annotated account by `namespace/name`, for the metrics and for debugging. */
  *annotated(): Generator<readonly [key: string, facts: ServiceAccountFacts]> {
    for (const [key, { facts }] of this.#entries) if (facts !== undefined) yield [key, facts];
  }

  begin(): void {
    this.#gathered = new Map();
  }

  item(object: JsonObject): void {
    const record = toServiceAccountRecord(object);
    if (record === undefined) return;
    const facts = this.#parse(record.annotations);
    const entry = facts === undefined ? listedWithoutAnnotations : { facts, resourceVersion: record.resourceVersion };
    this.#gathered.set(keyOf(record), entry);
  }

  itemDeleted(object: JsonObject): void {
    const record = toServiceAccountRecord(object);
    if (record !== undefined) this.#gathered.delete(keyOf(record));
  }

  /** Entries that a live read found after the list was made stay. Accounts that the list lacks are gone (E44). */
  commit(resourceVersion: string): void {
    if (!isNewerVersion(this.#toldVersion, resourceVersion)) this.#keepNewer(resourceVersion);
    this.#entries = this.#gathered;
    this.#gathered = new Map();
    this.#listVersion = resourceVersion;
    this.#toldVersion = resourceVersion;
  }

  applied(event: ChangeEvent): void {
    this.#toldVersion = newerVersion(event.resourceVersion, this.#toldVersion);
    const record = toServiceAccountRecord(event.object);
    if (record === undefined) return;
    const key = keyOf(record);
    // A live read has already seen a later state, for example of an account that was created again.
    if (isNewerVersion(this.#entries.get(key)?.resourceVersion ?? '', event.resourceVersion)) return;
    if (event.type === 'DELETED') {
      this.#entries.delete(key);
      this.#recent.forget(key);
      return;
    }
    this.#put(key, record);
  }

  /** Stores what a live read found, unless something newer is known; returns what is to be answered. */
  applyRead(record: ServiceAccountRecord): KnownServiceAccount {
    const key = keyOf(record);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      const knownVersion = newerVersion(known.resourceVersion, this.#listVersion);
      return isNewerVersion(record.resourceVersion, knownVersion) ? this.#put(key, record) : known;
    }
    // The watch has told of later things and not of this account: it was deleted after the read, and must not rise again
    // (E42). Those who wait get the read's answer all the same: should the watch have lost an event, it is the truth.
    if (!isNewerVersion(record.resourceVersion, this.#toldVersion)) return { facts: this.#parse(record.annotations) };
    return this.#put(key, record);
  }

  #put(key: string, record: ServiceAccountRecord): Entry {
    const facts = this.#parse(record.annotations);
    const entry = { facts, resourceVersion: record.resourceVersion };
    this.#entries.set(key, entry);
    if (hasRole(entry)) this.#recent.forget(key);
    else this.#recent.note(key);
    return entry;
  }

  /** When the list is older than what is known, the API server's history was turned back and nothing may be kept. */
  #keepNewer(resourceVersion: string): void {
    for (const [key, entry] of this.#entries) {
      if (isNewerVersion(entry.resourceVersion, resourceVersion)) this.#gathered.set(key, entry);
    }
  }
}

/** True when the account's own annotation names a role, be it one that is not injected. */
export function hasRole(account: KnownServiceAccount): boolean {
  return account.facts !== undefined && namesRole(account.facts);
}

function keyOf(account: ServiceAccountReference): string {
  return `${account.namespace}/${account.name}`;
}

/** The fields of a ServiceAccount that are looked at. */
export interface ServiceAccountRecord {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly annotations: JsonObject | undefined;
}

/** Reads a ServiceAccount as the API server sends it; undefined when it lacks what every object has, or has no order. */
export function toServiceAccountRecord(object: JsonObject): ServiceAccountRecord | undefined {
  const metadata = metadataOf(object);
  const namespace = ownString(metadata, 'namespace');
  const name = ownString(metadata, 'name');
  const resourceVersion = ownString(metadata, 'resourceVersion');
  if (namespace === undefined || name === undefined || resourceVersion === undefined) return undefined;
  if (!isVersion(resourceVersion)) return undefined;
  return { namespace, name, resourceVersion, annotations: ownObject(metadata, 'annotations') };
}

/** Remembers keys for a fixed time after they were noted. Holds no more than what was noted in that time. */
export class RecentChanges {
  readonly #keepMs: number;
  readonly #now: () => number;
  /** In the order in which they were noted, which is the order in which they end. */
  readonly #notedMs = new Map<string, number>();

  constructor(keepMs: number, now: () => number) {
    this.#keepMs = keepMs;
    this.#now = now;
  }

  /** Number of keys held, some of which may be over. */
  get size(): number {
    return this.#notedMs.size;
  }

  note(key: string): void {
    this.#dropOld();
    this.#notedMs.delete(key);
    this.#notedMs.set(key, this.#now());
  }

  forget(key: string): void {
    this.#notedMs.delete(key);
  }

  has(key: string): boolean {
    const notedMs = this.#notedMs.get(key);
    return notedMs !== undefined && this.#now() - notedMs < this.#keepMs;
  }

  #dropOld(): void {
    const nowMs = this.#now();
    for (const [key, notedMs] of this.#notedMs) {
      if (nowMs - notedMs < this.#keepMs) return;
      this.#notedMs.delete(key);
    }
  }
}
