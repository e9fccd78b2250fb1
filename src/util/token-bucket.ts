/** What may be done how often. */
export interface TokenBucketOptions {
  /** Sustained rate; 0 allows nothing. */
  readonly perSecond: number;
  /** As many may follow each other at once after a rest. */
  readonly burst: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Allows something at a sustained rate, with bursts. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #filledMs: number;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledMs = options.now();
  }

  /** True when it may be done now; that uses up one token. */
  take(): boolean {
    const { perSecond, burst, now } = this.#options;
    const nowMs = now();
    if (perSecond === 0) return false;
    if (nowMs > this.#filledMs) {
      this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledMs) / 1_000) * perSecond);
      this.#filledMs = nowMs;
    }
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Allows nothing for this long, and then begins to fill from empty. */
  pause(ms: number): void {
    this.#tokens = 0;
    this.#filledMs = this.#options.now() + ms;
  }
}
