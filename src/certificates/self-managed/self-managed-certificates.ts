import { backoffMs } from '../../util/backoff.ts';
import { delay } from '../../util/delay.ts';
import type { CertificateHealth, CertificateSource, ServingCertificate } from '../certificate-source.ts';
import { AuthorityRound, type RoundParts } from './authority-round.ts';
import type { ChangeSignal } from './change-signal.ts';
import { findHealth, type FoundConfiguration } from './find-health.ts';

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
interface Follower {
  run(signal: AbortSignal): Promise<void>;
}

export interface SelfManagedParts extends RoundParts {
  /** Wakes this replica when Secret or configuration may have changed. */
  readonly changes: ChangeSignal;
  /** The watches that feed `changes`. */
  readonly watches: readonly Follower[];
  /** Everything is looked at that often at least: a clock that is polled notices when the machine was paused. */
  readonly pollMs: number;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly observer: AuthorityObserver;
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
    const { leaf, problems, configuration, now } = this.#parts;
    return findHealth({
      leaf: leaf.current,
      found: this.#found,
      problem: problems.secret.detail ?? problems.signing.detail,
      configurationProblem: problems.configuration.detail,
      configuration: configuration.name,
      service: configuration.service,
      nowMs: now(),
    });
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { isDone, retryAfterMs } = await new AuthorityRound(this.#parts, signal).run(found => {
        this.#found = found;
      });
      this.#report();
      this.#failures = isDone ? 0 : this.#failures + 1;
      if (isDone) await this.#untilChange(signal);
      else await delay(Math.max(this.#retryMs(), retryAfterMs), signal);
    }
  }

  async #untilChange(signal: AbortSignal): Promise<void> {
    await delay(leastPauseMs, signal);
    await this.#parts.changes.within(this.#parts.pollMs, signal);
  }

  #retryMs(): number {
    const { pollMs, random } = this.#parts;
    return backoffMs(this.#failures, { floorMs: firstRetryMs, ceilingMs: pollMs }, random);
  }

  #report(): void {
    const { agreement, observer } = this.#parts;
    if (agreement.memory !== undefined) observer.authorityInUse(agreement.memory.current.notAfterMs);
    observer.bundleInSync(this.health().kind === 'healthy');
  }
}
