/** What may be done how often. */
export interface FairBucketOptions {
  /** Sustained rate; 0 allows nothing. */
  readonly perSecond: number;
  /** As many may follow each other at once after a rest, all groups together; one alone may half of them. */
  readonly burst: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Below this part of itself, the scale of the uses would lose digits. */
const smallestScale = 1e-9;
/** A group that has used less than this is as good as one that has used nothing. */
const smallUse = 0.5;

/**
 * Allows something at a sustained rate, with bursts, shared by group: a group may use as much as it leaves free, so that
 * there is always something for one that has used little. Of n that ask without end each gets the n-th part of the rate,
 * and burst / (n + 1) stays free. One that is alone gets the whole rate.
 *
 * What is used and not yet filled in again is owed by those who used it; filling takes the same part off each debt. If each
 * debt shrank at the whole rate instead, several that ask without end would leave nothing free.
 */
export class FairBucket {
  readonly #options: FairBucketOptions;
  #free: number;
  #filledMs: number;
  /** What each group owes, divided by the scale: to make all smaller by the same part, only the scale is changed. */
  readonly #scaledUses = new Map<string, number>();
  #scale = 1;

  constructor(options: FairBucketOptions) {
    this.#options = options;
    this.#free = options.burst;
    this.#filledMs = options.now();
  }

  /** Number of groups that owe something. */
  get size(): number {
    return this.#scaledUses.size;
  }

  /** True when this group may do it now; that uses one up. */
  take(group: string): boolean {
    this.#fill();
    const use = (this.#scaledUses.get(group) ?? 0) * this.#scale;
    if (use + 1 > this.#free) return false;
    this.#free -= 1;
    this.#scaledUses.set(group, (use + 1) / this.#scale);
    if (this.#scaledUses.size > 2 * this.#options.burst) this.#forgetSmall();
    return true;
  }

  #fill(): void {
    const { perSecond, burst, now } = this.#options;
    const nowMs = now();
    if (nowMs <= this.#filledMs) return;
    const owed = burst - this.#free;
    const filled = Math.min(owed, ((nowMs - this.#filledMs) / 1_000) * perSecond);
    this.#filledMs = nowMs;
    if (filled <= 0) return;
    this.#free += filled;
    this.#scale *= (owed - filled) / owed;
    if (this.#scale < smallestScale) this.#forgetSmall();
  }

  /** All debts together are no more than a burst, so that no more than two bursts of groups owe a half. */
  #forgetSmall(): void {
    const uses = [...this.#scaledUses].map(([group, scaled]) => [group, scaled * this.#scale] as const);
    this.#scaledUses.clear();
    this.#scale = 1;
    for (const [group, use] of uses) if (use >= smallUse) this.#scaledUses.set(group, use);
  }
}
