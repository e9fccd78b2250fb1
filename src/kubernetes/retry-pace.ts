import { backoffMs, type BackoffBounds } from '../util/backoff.ts';
import type { RestartReason, WatchFailure } from './watch-failure.ts';

/** Says how long to wait before the next list or watch: longer with each failure in a row. */
export class RetryPace {
  readonly #bounds: BackoffBounds;
  readonly #random: () => number;
  #failures = 0;
  #lastReason: RestartReason | undefined;

  constructor(bounds: BackoffBounds, random: () => number) {
    this.#bounds = bounds;
    this.#random = random;
  }

  /** Failures in a row, the last one included. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds to wait after this end of a watch; none, unless asked for, after one that was of use. */
  pauseMs(failure: WatchFailure, wasOfUse: boolean): number {
    this.#failures = wasOfUse ? 0 : this.#failuresBefore(failure.reason) + 1;
    this.#lastReason = failure.reason;
    const backoff = this.#failures === 0 ? 0 : backoffMs(this.#failures, this.#bounds, this.#random);
    return Math.max(backoff, failure.retryAfterMs);
  }

  /** An API server that does not remember our version is back: what failed before is over. */
  #failuresBefore(reason: RestartReason): number {
    return reason === 'expired' && this.#lastReason !== 'expired' ? 0 : this.#failures;
  }
}
