/** One caller's share in a flight. */
export interface Flight<T> {
  readonly result: Promise<T>;
  /** True when the flight had begun before this caller asked: its answer may be older than the question. */
  readonly joined: boolean;
}

interface InTheAir<T> {
  readonly result: Promise<T>;
  neededUntilMs: number;
}

/** Lets all who ask for the same key at the same time share one piece of work. Nothing is kept once it has settled. */
export class SingleFlight<K, T> {
  readonly #flights = new Map<K, InTheAir<T>>();

  /** Number of keys in the air. */
  get size(): number {
    return this.#flights.size;
  }

  /**
   * Joins the flight of this key, or begins one. `untilMs` is when this caller will have given up; the work may ask for
   * the latest such time, for example to find that nobody waits any more.
   */
  fly(key: K, untilMs: number, begin: (neededUntilMs: () => number) => Promise<T>): Flight<T> {
    const existing = this.#flights.get(key);
    if (existing !== undefined) {
      existing.neededUntilMs = Math.max(existing.neededUntilMs, untilMs);
      return { result: existing.result, joined: true };
    }
    const flight: InTheAir<T> = {
      result: this.#begin(key, () => begin(() => flight.neededUntilMs)),
      neededUntilMs: untilMs,
    };
    this.#flights.set(key, flight);
    return { result: flight.result, joined: false };
  }

  async #begin(key: K, begin: () => Promise<T>): Promise<T> {
    // Off this turn first: the flight has to be in the map before its work can begin, or end.
    await Promise.resolve();
    try {
      return await begin();
    } finally {
      this.#flights.delete(key);
    }
  }
}
