import { KubernetesError, hasCode } from '../../kubernetes/kubernetes-error.ts';
import type { Log } from '../../util/log.ts';
import type { AuthorityAgreement } from './authority-agreement.ts';
import { type TrustedCertificate, distinct, trustedBy, type AuthorityState } from './authority.ts';
import type { ServingLeaf } from './serving-leaf.ts';
import {
  trustedAnywhere,
  trustedEverywhere,
  type FoundConfiguration,
  type WebhookConfiguration,
} from './webhook-configuration.ts';
import { errorText } from '../../util/error-text.ts';

export interface RoundParts {
  readonly agreement: AuthorityAgreement;
  readonly configuration: WebhookConfiguration;
  readonly leaf: ServingLeaf;
  readonly settleClock: SettleClock;
  readonly problems: RoundProblems;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds that never jump. */
  readonly monotonicNow: () => number;
  readonly log: Log;
}

/** What stands in the way, by what is needed. */
export interface RoundProblems {
  readonly secret: Problem;
  readonly configuration: Problem;
  readonly signing: Problem;
}

export interface RoundOutcome {
  /** False when something failed, which its problem tells then, or when another replica was faster. */
  readonly isDone: boolean;
  /** How long the API server wants to be left alone. */
  readonly retryAfterMs: number;
}

const nothing: ReadonlySet<string> = new Set();

/** One look at everything that the authority consists of, after which everything is done that was due. */
export class AuthorityRound {
  readonly #parts: RoundParts;
  readonly #signal: AbortSignal;
  #retryAfterMs = 0;

  constructor(parts: RoundParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /**
   * The configuration is read before the Secret and patched only as it was read: what it trusts is in the Secret by then, so
   * that no newer authority is ever taken out. `found` is told once, of what came of it: a bundle that had been reset and is
   * published again is no reason to get no traffic. Never rejects.
   */
  async run(found: (configuration: FoundConfiguration) => void): Promise<RoundOutcome> {
    const read = await this.#readConfiguration();
    // What cannot be seen has not settled.
    const settled = read === undefined ? nothing : this.#settleOf(read);
    const isAgreed = await this.#agree(read, settled);
    const published = await this.#publish(read, isAgreed === true);
    const configuration = published ?? read;
    if (configuration !== undefined) found(configuration);
    const isSigned = await this.#sign(this.#parts.agreement.memory, settled);
    const isDone = isAgreed !== undefined && published !== undefined && isSigned;
    return { isDone, retryAfterMs: this.#retryAfterMs };
  }

  async #readConfiguration(): Promise<FoundConfiguration | undefined> {
    const { configuration, problems } = this.#parts;
    return this.#attempt(problems.configuration, async () => (await configuration.read(this.#signal)) ?? 'missing');
  }

  /** True when the Secret holds what is remembered, undefined when that cannot be said. */
  async #agree(read: FoundConfiguration | undefined, settled: ReadonlySet<string>): Promise<boolean | undefined> {
    const { agreement, leaf, problems } = this.#parts;
    const knowledge = { issuer: leaf.current?.issuer, published: publishedBy(read), settled };
    return this.#attempt(problems.secret, () => agreement.reach(knowledge, this.#signal));
  }

  /** Returns what is published then, undefined when it failed. Nothing is taken out unless the Secret is known to lack it. */
  async #publish(read: FoundConfiguration | undefined, isAgreed: boolean): Promise<FoundConfiguration | undefined> {
    const { agreement, configuration, problems, now, log } = this.#parts;
    if (typeof read !== 'object' || agreement.memory === undefined) return read;
    const ours = trustedBy(agreement.memory, now());
    const trusted = isAgreed ? ours : distinct([...ours, ...trustedAnywhere(read)]);
    const published = await this.#attempt(problems.configuration, () =>
      configuration.publish(read, trusted, this.#signal),
    );
    if (published === undefined || published === read) return published;
    this.#settleOf(published);
    log.info('Trust bundle published.', { entries: published.entries.length, authorities: trusted.length });
    return published;
  }

  /** Also while the API server is away: the authority is remembered. */
  async #sign(state: AuthorityState | undefined, settled: ReadonlySet<string>): Promise<boolean> {
    if (state === undefined) return false;
    const { leaf, problems } = this.#parts;
    const signed = await this.#attempt(problems.signing, async () => {
      await leaf.renew(state.current, settled);
      return true;
    });
    return signed ?? false;
  }

  async #attempt<T>(problem: Problem, action: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await action();
      problem.solve();
      return result;
    } catch (error) {
      if (!this.#signal.aborted) problem.note(error);
      if (error instanceof KubernetesError) this.#retryAfterMs = Math.max(this.#retryAfterMs, error.retryAfterMs ?? 0);
      return undefined;
    }
  }

  /** Notes what is published, and returns what has settled by now. */
  #settleOf(found: FoundConfiguration): ReadonlySet<string> {
    const { settleClock, monotonicNow } = this.#parts;
    const nowMs = monotonicNow();
    settleClock.observe(typeof found === 'object' ? trustedEverywhere(found) : nothing, nowMs);
    return settleClock.settled(nowMs);
  }
}

/** Without a configuration nothing is published; undefined when that is not known. */
function publishedBy(read: FoundConfiguration | undefined): readonly TrustedCertificate[] | undefined {
  if (read === 'missing') return [];
  return typeof read === 'object' ? trustedAnywhere(read) : undefined;
}

/** What stands between us and one thing that we need: noted each time, logged when it is new and when it is over. */
export class Problem {
  readonly #subject: string;
  readonly #permissionHint: string;
  readonly #log: Log;
  #detail: string | undefined;

  /** `permissionHint`: what to say to somebody whose RBAC forbids it. */
  constructor(subject: string, permissionHint: string, log: Log) {
    this.#subject = subject;
    this.#permissionHint = permissionHint;
    this.#log = log;
  }

  /** One line for a person; undefined while there is none. */
  get detail(): string | undefined {
    return this.#detail;
  }

  note(error: unknown): void {
    // Another replica was faster: no problem, the next look shows what it did.
    if (hasCode(error, 'already_exists', 'conflict')) return;
    const detail = hasCode(error, 'forbidden') ? `${errorText(error)}; ${this.#permissionHint}` : errorText(error);
    if (detail === this.#detail) return;
    this.#detail = detail;
    this.#log.warn('Certificate authority cannot be followed.', { object: this.#subject, detail });
  }

  solve(): void {
    if (this.#detail === undefined) return;
    this.#detail = undefined;
    this.#log.info('Certificate authority is followed again.', { object: this.#subject });
  }
}

/** Knows which authorities have been published for so long that every API server can be expected to trust them. */
export class SettleClock {
  readonly #settleMs: number;
  /** When each was first seen and has been there ever since. */
  #sinceMs: ReadonlyMap<string, number> = new Map();

  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** Notes what is published at this time. Monotonic milliseconds: no jump of the clock makes anything settle. */
  observe(fingerprints: ReadonlySet<string>, nowMs: number): void {
    this.#sinceMs = new Map(
      [...fingerprints].map(fingerprint => [fingerprint, this.#sinceMs.get(fingerprint) ?? nowMs]),
    );
  }

  /** The fingerprints that have settled by this time. */
  settled(nowMs: number): ReadonlySet<string> {
    const settled = [...this.#sinceMs].filter(([, sinceMs]) => nowMs - sinceMs >= this.#settleMs);
    return new Set(settled.map(([fingerprint]) => fingerprint));
  }
}
