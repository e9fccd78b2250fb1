interface Group<T> {
  readonly items: T[];
  /** How many were served lately: half as much counts after each half-life. */
  served: number;
  /** When that was so. */
  atMs: number;
}

export interface LeastServedQueueOptions {
  readonly halfLifeMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Groups that do not wait are forgotten, the longest unserved first, when there are more than this. */
const maxGroups = 2_048;

/**
 * What waits for its turn, in groups: the group that was served least lately is next. Within a group the first to ask is first.
 * So a group that asks all the time does not take the turns of one that asks now and then.
 */
export class LeastServedQueue<T> {
  readonly #options: LeastServedQueueOptions;
  /** In the order in which they were served last. */
  readonly #groups = new Map<string, Group<T>>();
  readonly #waiting = new Set<Group<T>>();
  #size = 0;

  constructor(options: LeastServedQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  push(name: string, item: T): void {
    const group = this.#groupOf(name);
    group.items.push(item);
    this.#waiting.add(group);
    this.#size += 1;
  }

  /** Counts as served what did not have to wait. */
  noteServed(name: string): void {
    this.#serve(this.#groupOf(name));
  }

  /** The next item, which leaves the queue; undefined when nothing waits. */
  shift(): T | undefined {
    const nowMs = this.#options.now();
    let next: Group<T> | undefined;
    for (const group of this.#waiting) {
      if (next === undefined || this.#servedAt(group, nowMs) < this.#servedAt(next, nowMs)) next = group;
    }
    if (next === undefined) return undefined;
    this.#serve(next);
    this.#size -= 1;
    const item = next.items.shift();
    if (next.items.length === 0) this.#waiting.delete(next);
    return item;
  }

  #groupOf(name: string): Group<T> {
    const group = this.#groups.get(name) ?? { items: [], served: 0, atMs: this.#options.now() };
    this.#groups.delete(name);
    this.#groups.set(name, group);
    this.#forget();
    return group;
  }

  #serve(group: Group<T>): void {
    const nowMs = this.#options.now();
    group.served = this.#servedAt(group, nowMs) + 1;
    group.atMs = nowMs;
  }

  #servedAt({ served, atMs }: Group<T>, nowMs: number): number {
    return served * 0.5 ** ((nowMs - atMs) / this.#options.halfLifeMs);
  }

  #forget(): void {
    if (this.#groups.size <= maxGroups) return;
    for (const [name, group] of this.#groups) {
      if (group.items.length > 0) continue;
      this.#groups.delete(name);
      return;
    }
  }
}
