import type { IdentitySource, ServiceAccountReference } from '../admission/identity-source.ts';
import type { IdentityDefaults } from '../identity/defaults.ts';
import type { IdentityAnswer } from '../identity/identity.ts';
import { emptyMapping, type RoleMapping } from '../identity/mapping.ts';
import { resolveIdentity } from '../identity/resolve.ts';
import { RecentChanges, hasRole, type KnownServiceAccount } from './service-account-store.ts';
import type { LookupResult } from './service-account-lookup.ts';
import type { SourceObserver } from './source-observer.ts';
import { quote } from '../util/text.ts';

/** What is known of ServiceAccounts, and whether it can be trusted to be all. */
export interface KnownServiceAccounts {
  get(account: ServiceAccountReference): KnownServiceAccount | undefined;
  /** False when the account may by now have a role that is not known yet. */
  vouchesFor(account: ServiceAccountReference): boolean;
}

/** Something that is loaded first and followed from then on. */
export interface Followed<T> {
  synced(): boolean;
  current(): T;
}

/** How often accounts of a namespace are read again although the watch vouches for them; a `FairBucket` fits. */
export interface Rechecks {
  take(namespace: string): boolean;
}

/**
 * The watch reports a change within milliseconds. A recheck covers those milliseconds and is worth a short wait only: long enough
 * for a read of 100 ms and for its turn while other namespaces read all the time.
 * After one that took longer, or failed, the namespace gets none for a second: the API server has better things to do. Only
 * the namespace, since its own accounts can be what takes so long.
 */
const recheckWaitMs = 1_000;
const recheckPauseMs = 1_000;

export interface LiveIdentitySourceParts {
  readonly accounts: KnownServiceAccounts;
  /** Allows to read an account again whose role may have come a moment ago; undefined where none are wanted. */
  readonly rechecks: Rechecks | undefined;
  readonly find: (account: ServiceAccountReference, waitMs: number) => Promise<LookupResult>;
  /** Undefined without `--watch-config-map`. */
  readonly mapping: Followed<RoleMapping> | undefined;
  /** Undefined without `--watch-container-credentials-config`. */
  readonly associations: Followed<{ has(namespace: string, name: string): boolean }> | undefined;
  readonly defaults: IdentityDefaults;
  /** The longest wait for the API server, whatever the caller allows (`--service-account-lookup-grace-period`). */
  readonly maxWaitMs: number;
  readonly observer: SourceObserver;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Answers from what is known, and asks the API server where that may not be all. A known role is always answered at
 * once, however old the knowledge is; the lack of one only when it can be vouched for (E40, E41, E45).
 */
export class LiveIdentitySource implements IdentitySource {
  readonly #parts: LiveIdentitySourceParts;
  /** Namespaces whose rechecks pause. */
  readonly #paused: RecentChanges;

  constructor(parts: LiveIdentitySourceParts) {
    this.#parts = parts;
    this.#paused = new RecentChanges(recheckPauseMs, parts.now);
  }

  identityOf(account: ServiceAccountReference, waitMs: number): IdentityAnswer | Promise<IdentityAnswer> {
    const { accounts, associations, observer } = this.#parts;
    if (associations?.synced() === false) return associationsNotLoaded;
    const known = accounts.get(account);
    observer.lookedUp('cache', known === undefined ? 'miss' : 'hit');
    if (known === undefined) return this.#ask(account, waitMs);
    if (hasRole(known) || this.#isAssociated(account)) return this.#answer(account, known);
    if (!accounts.vouchesFor(account)) return this.#askAgain(account, known, waitMs);
    return this.#mayRecheck(account) ? this.#recheck(account, known, waitMs) : this.#answer(account, known);
  }

  #mayRecheck({ namespace }: ServiceAccountReference): boolean {
    const { observer, rechecks } = this.#parts;
    if (rechecks === undefined) return false;
    const mayRecheck = !this.#paused.has(namespace) && rechecks.take(namespace);
    if (!mayRecheck) observer.refused('rechecks');
    return mayRecheck;
  }

  /** Nothing is known: only the API server can tell. An association needs it for its settings alone (E65). */
  async #ask(account: ServiceAccountReference, waitMs: number): Promise<IdentityAnswer> {
    const result = await this.#find(account, waitMs);
    if (result.kind === 'found') return this.#answer(account, result.account);
    if (result.kind === 'not_found' || this.#isAssociated(account)) return this.#answer(account, undefined);
    return unavailable(account, result);
  }

  /** Known without a role, which may have come since. Should the API server not tell, a mapped role is as good as before. */
  async #askAgain(
    account: ServiceAccountReference,
    known: KnownServiceAccount,
    waitMs: number,
  ): Promise<IdentityAnswer> {
    const result = await this.#find(account, waitMs);
    if (result.kind === 'found') return this.#answer(account, result.account);
    if (result.kind === 'not_found') return this.#answer(account, undefined);
    const answer = this.#answer(account, known);
    return answer.kind === 'identity' ? answer : unavailable(account, result);
  }

  /**
   * Known without a role by a watch that is well, but perhaps some milliseconds behind: an account that was annotated just
   * before its pod would be missed (E41; 57 of 150 on a busy machine). Should the API server not tell, the watch is right.
   */
  async #recheck(
    account: ServiceAccountReference,
    known: KnownServiceAccount,
    waitMs: number,
  ): Promise<IdentityAnswer> {
    const result = await this.#find(account, Math.min(waitMs, recheckWaitMs));
    if (result.kind === 'found') return this.#answer(account, result.account);
    if (result.kind === 'not_found') return this.#answer(account, undefined);
    this.#paused.note(account.namespace);
    // The watch may have told meanwhile.
    return this.#answer(account, this.#parts.accounts.get(account) ?? known);
  }

  async #find(account: ServiceAccountReference, waitMs: number): Promise<LookupResult> {
    const { find, maxWaitMs, observer, now } = this.#parts;
    const startMs = now();
    const result = await find(account, Math.min(waitMs, maxWaitMs));
    observer.waited(now() - startMs);
    observer.lookedUp('api', outcomes[result.kind]);
    return result;
  }

  /** The mapping matters only to an account that has neither an association nor a role of its own (E56). */
  #answer(account: ServiceAccountReference, known: KnownServiceAccount | undefined): IdentityAnswer {
    const { defaults, observer } = this.#parts;
    const associated = this.#isAssociated(account);
    const serviceAccountExists = known !== undefined;
    const inputs = { account, serviceAccount: known?.facts, serviceAccountExists, associated, defaults };
    if (associated || (known !== undefined && hasRole(known))) {
      return resolveIdentity({ ...inputs, mapping: this.#mapping() });
    }
    if (this.#parts.mapping?.synced() === false) return mappingNotSynced;
    const answer = resolveIdentity({ ...inputs, mapping: this.#mapping() });
    if (this.#parts.mapping !== undefined) observer.lookedUp('configmap', answer.kind === 'identity' ? 'hit' : 'miss');
    return answer;
  }

  #mapping(): RoleMapping {
    return this.#parts.mapping?.current() ?? emptyMapping;
  }

  #isAssociated(account: ServiceAccountReference): boolean {
    return this.#parts.associations?.current().has(account.namespace, account.name) === true;
  }
}

const outcomes = { found: 'hit', not_found: 'miss', failed: 'error' } as const;

const associationsNotLoaded: IdentityAnswer = {
  kind: 'unavailable',
  reason: 'associations_not_loaded',
  detail: 'the file of Pod Identity associations has not been read yet',
};

const mappingNotSynced: IdentityAnswer = {
  kind: 'unavailable',
  reason: 'mapping_not_synced',
  detail: 'the mapping ConfigMap has not been read yet',
};

function unavailable(account: ServiceAccountReference, result: LookupResult & { kind: 'failed' }): IdentityAnswer {
  const name = quote(`${account.namespace}/${account.name}`);
  return { kind: 'unavailable', reason: result.reason, detail: `ServiceAccount ${name}: ${result.detail}` };
}
