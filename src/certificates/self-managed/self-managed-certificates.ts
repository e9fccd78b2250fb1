import { KubernetesError } from '../../kubernetes/kubernetes-error.ts';
import { backoffMs } from '../../util/backoff.ts';
import { delay } from '../../util/delay.ts';
import type { Log } from '../../util/log.ts';
import type { CertificateHealth, CertificateSource, ServingCertificate } from '../certificate-source.ts';
import type { AuthorityAgreement } from './authority-agreement.ts';
import { distinct, trustedBy, type AuthorityState } from './authority-state.ts';
import type { ChangeSignal } from './change-signal.ts';
import { findHealth, type FoundConfiguration } from './find-health.ts';
import type { Problem } from './problem.ts';
import type { ServingLeaf } from './serving-leaf.ts';
import type { SettleClock } from './settle-clock.ts';
import { trustedAnywhere, trustedEverywhere, type PublishedBundle } from './trust-bundle.ts';
import type { WebhookConfiguration } from './webhook-configuration.ts';

/** What the metrics want to know. */
export interface AuthorityObserver {
  /** This certificate is served from now on, until `notAfterMs` (milliseconds since the epoch). */
  certificateInUse(notAfterMs: number): void;
  /** This authority signs, until `notAfterMs`. */
  authorityInUse(notAfterMs: number): void;
  /** Whether the webhook configuration has API servers trust what is served. */
  bundleInSync(isInSync: boolean): void;
}

/** A part that follows something for as long as it runs. */
export interface Follower {
  run(signal: AbortSignal): Promise<void>;
}

export interface SelfManagedParts {
  readonly agreement: AuthorityAgreement;
  readonly configuration: WebhookConfiguration;
  readonly leaf: ServingLeaf;
  readonly settleClock: SettleClock;
  /** Wakes this replica when Secret or configuration may have changed. */
  readonly changes: ChangeSignal;
  /** The watches that feed `changes`. */
  readonly watches: readonly Follower[];
  /** Both are read at least that often: by polling the clock, so that a pause of the machine delays nothing. */
  readonly pollMs: number;
  readonly secretProblem: Problem;
  readonly configurationProblem: Problem;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds that never jump. */
  readonly monotonicNow: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly observer: AuthorityObserver;
  readonly log: Log;
}

/** The first retry comes soon: it is most often due to another replica that was faster. */
const firstRetryMs = 50;

/** So that a fight about the caBundle with another controller costs little. */
const leastPauseMs = 50;

/** The serving certificate from an authority of our own, which all replicas share through a Secret. */
export class SelfManagedCertificates implements CertificateSource {
  readonly #parts: SelfManagedParts;
  #found: FoundConfiguration = 'unread';
  #failures = 0;
  #retryAfterMs = 0;

  constructor(parts: SelfManagedParts) {
    this.#parts = parts;
    parts.leaf.subscribe(({ notAfterMs }) => parts.observer.certificateInUse(notAfterMs));
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#follow(signal), ...this.#parts.watches.map(watch => watch.run(signal))]);
  }

  current(): ServingCertificate | undefined {
    return this.#parts.leaf.current?.serving;
  }

  subscribe(listener: (certificate: ServingCertificate) => void): () => void {
    return this.#parts.leaf.subscribe(listener);
  }

  health(): CertificateHealth {
    const { leaf, secretProblem, configurationProblem, configuration, now } = this.#parts;
    return findHealth({
      leaf: leaf.current,
      found: this.#found,
      secretProblem: secretProblem.detail,
      configurationProblem: configurationProblem.detail,
      configuration: configuration.name,
      service: configuration.service,
      nowMs: now(),
    });
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { changes, pollMs, random, observer } = this.#parts;
    while (!signal.aborted) {
      const isDone = await this.#round(signal);
      observer.bundleInSync(this.health().kind === 'healthy');
      this.#failures = isDone ? 0 : this.#failures + 1;
      if (isDone) {
        await delay(leastPauseMs, signal);
        await changes.within(pollMs, signal);
      } else {
        const bounds = { floorMs: firstRetryMs, ceilingMs: pollMs };
        await delay(Math.max(backoffMs(this.#failures, bounds, random), this.#retryAfterMs), signal);
      }
    }
  }

  /**
   * Looks at everything once, and does what is due; false when something failed. The configuration is read before the Secret
   * and patched only as it was read: what it trusts is in the Secret by then, so that no newer authority is ever taken out.
   */
  async #round(signal: AbortSignal): Promise<boolean> {
    this.#retryAfterMs = 0;
    const { agreement, leaf } = this.#parts;
    const bundle = await this.#readConfiguration(signal);
    // What cannot be seen has not settled.
    const settled: ReadonlySet<string> = bundle === undefined ? new Set() : this.#settled();
    const isAgreed = await this.#agree(settled, signal);
    const state = agreement.memory;
    if (state === undefined) return false;
    const isPublished = bundle !== undefined && (await this.#publish(bundle, state, isAgreed === true, signal));
    // Also while the API server is away: the authority is remembered.
    await leaf.renew(state.current, settled);
    this.#parts.observer.authorityInUse(state.current.notAfterMs);
    return isAgreed !== undefined && (isPublished || this.#found === 'missing');
  }

  async #readConfiguration(signal: AbortSignal): Promise<PublishedBundle | undefined> {
    const { configuration, configurationProblem } = this.#parts;
    return this.#attempt(configurationProblem, signal, async () => {
      const bundle = await configuration.read(signal);
      this.#observe(bundle ?? 'missing');
      return bundle;
    });
  }

  /** True when the Secret holds what is remembered, undefined when that cannot be said. */
  async #agree(settled: ReadonlySet<string>, signal: AbortSignal): Promise<boolean | undefined> {
    const { agreement, leaf, secretProblem } = this.#parts;
    const published = typeof this.#found === 'string' ? [] : trustedAnywhere(this.#found);
    const knowledge = { issuer: leaf.current?.issuer, published, settled };
    return this.#attempt(secretProblem, signal, () => agreement.reach(knowledge, signal));
  }

  /** Nothing is taken out of the bundle while the Secret is not known to say so. */
  async #publish(
    bundle: PublishedBundle,
    state: AuthorityState,
    isAgreed: boolean,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { configuration, configurationProblem, now, log } = this.#parts;
    const ours = trustedBy(state, now());
    const trusted = isAgreed ? ours : distinct([...ours, ...trustedAnywhere(bundle)]);
    const published = await this.#attempt(configurationProblem, signal, () =>
      configuration.publish(bundle, trusted, signal),
    );
    if (published === undefined) return false;
    this.#observe(published);
    if (published !== bundle) {
      log.info('Trust bundle published.', { entries: published.entries.length, authorities: trusted.length });
    }
    return true;
  }

  /** Undefined when it failed, which the problem tells then. */
  async #attempt<T>(problem: Problem, signal: AbortSignal, action: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await action();
      problem.solve();
      return result;
    } catch (error) {
      if (!signal.aborted) problem.note(error);
      if (error instanceof KubernetesError) this.#retryAfterMs = Math.max(this.#retryAfterMs, error.retryAfterMs ?? 0);
      return undefined;
    }
  }

  #observe(found: FoundConfiguration): void {
    const { settleClock, monotonicNow } = this.#parts;
    this.#found = found;
    settleClock.observe(typeof found === 'string' ? new Set() : trustedEverywhere(found), monotonicNow());
  }

  #settled(): ReadonlySet<string> {
    return this.#parts.settleClock.settled(this.#parts.monotonicNow());
  }
}
