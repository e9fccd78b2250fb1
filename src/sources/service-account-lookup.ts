import type { ServiceAccountReference } from '../admission/identity-source.ts';
import type { UnavailableReason } from '../identity/identity.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { hasCode } from '../kubernetes/kubernetes-error.ts';
import { isNamespaceName, isServiceAccountName } from '../kubernetes/objects.ts';
import { serviceAccountPath } from '../kubernetes/paths.ts';
import { withinDeadline } from '../util/waiting.ts';
import { errorText } from '../util/error-text.ts';
import { FairLimit, type PlaceAnswer } from '../util/fair-limit.ts';
import type { RefusalObserver } from '../util/refusal.ts';
import { SingleFlight, type Flight } from '../util/single-flight.ts';
import { ownString, type JsonObject } from '../util/json.ts';
import {
  RecentChanges,
  toServiceAccountRecord,
  type ServiceAccountRecord,
  hasRole,
  type KnownServiceAccount,
  type ServiceAccountStore,
} from './service-account-store.ts';

/** What a live read found. */
export type LookupResult =
  | { readonly kind: 'found'; readonly account: KnownServiceAccount }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'failed'; readonly reason: UnavailableReason; readonly detail: string };

export interface LookupSettings {
  /** Reads at the same time. */
  readonly concurrent: number;
  /** Reads that wait for their turn; of more, those of the namespace that waits most are refused. */
  readonly queued: number;
  /** Time for one read. */
  readonly readTimeoutMs: number;
  /** A longer answer counts as a failed read. */
  readonly maxBytes: number;
  /** How long the answer "does not exist" serves others who ask. */
  readonly notFoundMs: number;
}

export const defaultLookupSettings: LookupSettings = {
  // A read takes about 2 ms, so 32 at a time answer 1,000 accounts in well under a second (E147), and are a small part
  // of the 400 reads that an API server serves at the same time by default.
  concurrent: 32,
  queued: 2_000,
  // Ten times the slowest answer of an API server that fares well, and below the webhook's usual time-out of 5 to 10 s.
  readTimeoutMs: 3_000,
  // An object may have 256 KiB of annotations. With 32 at a time, 32 MiB; what makes more of an account serves nobody.
  maxBytes: 1024 * 1024,
  notFoundMs: 250,
};

export interface ServiceAccountLookupParts {
  readonly client: KubernetesClient;
  readonly store: ServiceAccountStore;
  readonly settings: LookupSettings;
  readonly observer: RefusalObserver;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Reads ServiceAccounts from the API server: once for all who ask for the same at the same time, and shared by namespace, so
 * that pods of unknown accounts in one do not take the reads of the others.
 */
export class ServiceAccountLookup {
  readonly #parts: ServiceAccountLookupParts;
  readonly #flights = new SingleFlight<string, LookupResult>();
  readonly #limit: FairLimit;
  readonly #notFound: RecentChanges;

  constructor(parts: ServiceAccountLookupParts) {
    const { settings, now } = parts;
    this.#parts = parts;
    this.#limit = new FairLimit(settings.concurrent, settings.queued);
    this.#notFound = new RecentChanges(settings.notFoundMs, now);
  }

  /** Reads the account, waiting at most `waitMs` milliseconds. What it finds goes into the store. Never rejects. */
  async find(account: ServiceAccountReference, waitMs: number): Promise<LookupResult> {
    // No request for a name that cannot exist: such come from pods that the API server has not checked yet (E23).
    if (!isNamespaceName(account.namespace) || !isServiceAccountName(account.name)) return { kind: 'not_found' };
    const key = `${account.namespace}/${account.name}`;
    if (this.#notFound.has(key) && this.#parts.store.get(account) === undefined) return { kind: 'not_found' };
    const untilMs = this.#parts.now() + waitMs;
    const first = this.#fly(key, account, untilMs);
    const result = await this.#wait(first.result, untilMs);
    // A read that had begun before we asked may have seen the account before its role: only the next one can tell.
    if (!first.joined || tellsOfRole(result)) return result;
    return this.#wait(this.#fly(key, account, untilMs).result, untilMs);
  }

  #fly(key: string, account: ServiceAccountReference, untilMs: number): Flight<LookupResult> {
    return this.#flights.fly(key, untilMs, neededUntilMs => this.#readInTurn(key, account, neededUntilMs));
  }

  async #wait(result: Promise<LookupResult>, untilMs: number): Promise<LookupResult> {
    const waited = await withinDeadline(result, untilMs - this.#parts.now());
    return waited.kind === 'settled' ? waited.value : timedOut;
  }

  async #readInTurn(key: string, account: ServiceAccountReference, neededUntilMs: () => number): Promise<LookupResult> {
    const { namespace } = account;
    const stillNeeded = (): boolean => this.#parts.now() < neededUntilMs();
    const place = await new Promise<PlaceAnswer>(admit => this.#limit.enter(namespace, stillNeeded, admit));
    if (place === 'full') return this.#refuse();
    if (place === 'not_needed') return timedOut;
    try {
      return await this.#read(key, account);
    } finally {
      this.#limit.leave(namespace);
    }
  }

  #refuse(): LookupResult {
    this.#parts.observer.refused('lookups');
    return tooMany;
  }

  async #read(key: string, account: ServiceAccountReference): Promise<LookupResult> {
    try {
      const path = serviceAccountPath(account.namespace, account.name);
      const { client, settings } = this.#parts;
      const object = await client.get(path, { timeoutMs: settings.readTimeoutMs, maxBytes: settings.maxBytes });
      const record = toServiceAccountRecord(object);
      if (record === undefined || !isOf(account, record, object)) return failed('the answer is another object');
      return { kind: 'found', account: this.#parts.store.applyRead(record) };
    } catch (error) {
      return hasCode(error, 'not_found') ? this.#absent(key, account) : failed(errorText(error));
    }
  }

  /** The watch may have told of the account while the answer was on its way; then the watch is right. */
  #absent(key: string, account: ServiceAccountReference): LookupResult {
    const known = this.#parts.store.get(account);
    if (known !== undefined && hasRole(known)) return { kind: 'found', account: known };
    this.#notFound.note(key);
    return { kind: 'not_found' };
  }
}

const timedOut: LookupResult = {
  kind: 'failed',
  reason: 'lookup_timed_out',
  detail: 'the API server did not answer in time',
};

const tooMany: LookupResult = {
  kind: 'failed',
  reason: 'too_many_lookups',
  detail: 'too many ServiceAccounts of this namespace are waiting to be read from the API server',
};

/** What is not what was asked for is never taken: a cache between us and the API server may mix up its answers. */
function isOf(account: ServiceAccountReference, record: ServiceAccountRecord, object: JsonObject): boolean {
  const isServiceAccount = ownString(object, 'kind') === 'ServiceAccount';
  return isServiceAccount && record.name === account.name && record.namespace === account.namespace;
}

function failed(detail: string): LookupResult {
  return { kind: 'failed', reason: 'lookup_failed', detail };
}

function tellsOfRole(result: LookupResult): boolean {
  return result.kind === 'found' && hasRole(result.account);
}
