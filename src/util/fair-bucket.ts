/** What may be done how often. */
export interface BucketOptions {
  /** Sustained rate; 0 allows nothing. */
  readonly perSecond: number;
  /** As many may follow each other at once after a rest. */
  readonly burst: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Allows something at a sustained rate, with bursts. What is taken is owed until it is filled in again. */
export class TokenBucket {
  readonly #options: BucketOptions;
  #owed = 0;
  #filledMs: number;

  constructor(options: BucketOptions) {
    this.#options = options;
    this.#filledMs = options.now();
  }

  /** How many may follow each other at once, at the time of the last fill. */
  get free(): number {
    return this.#options.burst - this.#owed;
  }

  /** Fills in what the time allows, and returns the part of the debt that is left: 1 where nothing was filled in. */
  fill(): number {
    const nowMs = this.#options.now();
    const owed = this.#owed;
    if (nowMs <= this.#filledMs) return 1;
    this.#owed = Math.max(0, owed - ((nowMs - this.#filledMs) / 1_000) * this.#options.perSecond);
    this.#filledMs = nowMs;
    return owed === 0 ? 1 : this.#owed / owed;
  }

  take(): void {
    this.#owed += 1;
  }
}

/** Below this part of itself, the scale of the uses would lose digits. */
const smallestScale = 1e-9;
/** A group that has used less than this is as good as one that has used nothing. */
const smallUse = 0.5;

/**
 * A token bucket that is shared by group: a group may use as much as it leaves free, so that there is always something for one
 * that has used little; one alone may use half of a burst at once. Of n that ask without end each gets the n-th part of the rate,
 * and burst / (n + 1) stays free. One that is alone gets the whole rate.
 *
 * What is used and not yet filled in again is owed by those who used it; filling takes the same part off each debt. If each
 * debt shrank at the whole rate instead, several that ask without end would leave nothing free.
 */
export class FairBucket {
  readonly #burst: number;
  readonly #bucket: TokenBucket;
  /** What each group owes, divided by the scale: to make all smaller by the same part, only the scale is changed. */
  readonly #scaledUses = new Map<string, number>();
  #scale = 1;

  constructor(options: BucketOptions) {
    this.#burst = options.burst;
    this.#bucket = new TokenBucket(options);
  }

  /** Number of groups that owe something. */
  get size(): number {
    return this.#scaledUses.size;
  }

  /** True when this group may do it now; that uses one up. */
  take(group: string): boolean {
    this.#scale *= this.#bucket.fill();
    if (this.#scale < smallestScale) this.#forgetSmall();
    const use = (this.#scaledUses.get(group) ?? 0) * this.#scale;
    if (use + 1 > this.#bucket.free) return false;
    this.#bucket.take();
    this.#scaledUses.set(group, (use + 1) / this.#scale);
    if (this.#scaledUses.size > 2 * this.#burst) this.#forgetSmall();
    return true;
  }

  /** All debts together are no more than a burst, so that no more than two bursts of groups owe a half. */
  #forgetSmall(): void {
    const uses = [...this.#scaledUses].map(([group, scaled]) => [group, scaled * this.#scale] as const);
    this.#scaledUses.clear();
    this.#scale = 1;
    for (const [group, use] of uses) if (use >= smallUse) this.#scaledUses.set(group, use);
  }
}
