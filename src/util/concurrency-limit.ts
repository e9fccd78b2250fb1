/** What came of asking for a place. */
export type Admission =
  /** Go on, and call `leave()` when done. */
  | 'entered'
  /** The queue is full. */
  | 'full'
  /** Its turn came when nobody needed it any more. */
  | 'not_needed';

interface Waiter {
  readonly stillNeeded: () => boolean;
  readonly admit: (admission: Admission) => void;
}

/** Bounds how much work runs at the same time, and how much may wait for its turn (first come, first served). */
export class ConcurrencyLimit {
  readonly #concurrent: number;
  readonly #queued: number;
  readonly #waiters = new Set<Waiter>();
  #running = 0;

  constructor(concurrent: number, queued: number) {
    this.#concurrent = concurrent;
    this.#queued = queued;
  }

  /** Resolves when it is this caller's turn, or says why it never will be. `stillNeeded` is asked at that time. */
  enter(stillNeeded: () => boolean): Promise<Admission> {
    if (this.#running < this.#concurrent) {
      this.#running += 1;
      return Promise.resolve('entered');
    }
    if (this.#waiters.size >= this.#queued) return Promise.resolve('full');
    return new Promise(admit => {
      this.#waiters.add({ stillNeeded, admit });
    });
  }

  /** Gives the place to the next waiter. */
  leave(): void {
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter);
      if (waiter.stillNeeded()) {
        waiter.admit('entered');
        return;
      }
      waiter.admit('not_needed');
    }
    this.#running -= 1;
  }
}
