/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The smallest value that `percent` of all values do not exceed (nearest rank); NaN when there are none. */
export function percentile(sorted: Float64Array, percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(rank, 1) - 1] ?? Number.NaN;
}

/**
 * Times at which requests of independent clients arrive, in milliseconds from the start, ascending: a Poisson process.
 * `random` gives numbers in [0, 1).
 */
export function poissonArrivals(ratePerSecond: number, durationMs: number, random: () => number): readonly number[] {
  const meanGapMs = 1_000 / ratePerSecond;
  const arrivals: number[] = [];
  // 1 - random() is never 0, whose logarithm would put the next arrival at infinity.
  for (let at = gap(); at < durationMs; at += gap()) arrivals.push(at);
  return arrivals;

  function gap(): number {
    return -Math.log(1 - random()) * meanGapMs;
  }
}

/** Repeatable random numbers in [0, 1), so that every webhook gets the same arrivals (xorshift32). */
export function seededRandom(seed: number): () => number {
  let state = (seed | 0) === 0 ? 1 : seed | 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Collects durations without making garbage while the clock runs. */
export class Samples {
  #values: Float64Array<ArrayBuffer>;
  #size = 0;

  /** Room for that many samples; more make it grow. */
  constructor(capacity: number) {
    this.#values = new Float64Array(Math.max(capacity, 1));
  }

  get size(): number {
    return this.#size;
  }

  add(value: number): void {
    if (this.#size === this.#values.length) {
      const larger = new Float64Array(this.#size * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#size] = value;
    this.#size += 1;
  }

  /** All of them, ascending. */
  sorted(): Float64Array {
    return this.#values.slice(0, this.#size).sort();
  }
}
