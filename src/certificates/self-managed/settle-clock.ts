/** Says which authorities have been published for so long that every API server can be expected to trust them. */
export class SettleClock {
  readonly #settleMs: number;
  /** When each was first seen and has been there ever since. */
  #sinceMs: ReadonlyMap<string, number> = new Map();

  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** Takes note of what is published at this time. Monotonic milliseconds: no jump of the clock makes anything settle. */
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
