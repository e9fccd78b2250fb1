/** Remembers keys for a fixed time after they were noted. Holds no more than what was noted in that time. */
export class RecentChanges {
  readonly #keepMs: number;
  readonly #now: () => number;
  /** In the order in which they were noted, which is the order in which they end. */
  readonly #notedMs = new Map<string, number>();

  constructor(keepMs: number, now: () => number) {
    this.#keepMs = keepMs;
    this.#now = now;
  }

  /** Number of keys held, some of which may be over. */
  get size(): number {
    return this.#notedMs.size;
  }

  note(key: string): void {
    this.#dropOld();
    this.#notedMs.delete(key);
    this.#notedMs.set(key, this.#now());
  }

  forget(key: string): void {
    this.#notedMs.delete(key);
  }

  has(key: string): boolean {
    const notedMs = this.#notedMs.get(key);
    return notedMs !== undefined && this.#now() - notedMs < this.#keepMs;
  }

  #dropOld(): void {
    const nowMs = this.#now();
    for (const [key, notedMs] of this.#notedMs) {
      if (nowMs - notedMs < this.#keepMs) return;
      this.#notedMs.delete(key);
    }
  }
}
