import type { Holder } from '../util/fair-budget.ts';
import { FairQueue } from '../util/fair-queue.ts';

/** One caller at a time does something long, in steps between which others get the event loop. */
export interface LongTurns {
  /**
   * Runs the work when it is the holder's turn. The work waits for `step()` wherever a long piece of it is done. Settles as
   * the work does.
   */
  run<T>(holder: Holder, work: (step: () => Promise<void>) => Promise<T>): Promise<T>;
}

/**
 * Lets one long piece of work run at a time, so that what it needs in memory is needed once. Those that wait take turns by
 * holder, and the event loop has a round between steps: ten large reviews that arrive together would otherwise hold up all
 * others for as long as they take together.
 */
export function createLongTurns(): LongTurns {
  const waiting = new FairQueue<() => void>();
  let isBusy = false;
  const next = (): void => {
    const begin = waiting.shift();
    isBusy = begin !== undefined;
    if (begin !== undefined) setImmediate(begin);
  };
  const turnOf = (holder: Holder): Promise<void> =>
    new Promise(resolve => {
      waiting.push(holder, resolve);
      if (!isBusy) next();
    });
  return {
    async run(holder, work) {
      await turnOf(holder);
      try {
        return await work(nextRound);
      } finally {
        next();
      }
    },
  };
}

/** Turns for short pieces of work, of which many can be ready at the same time. */
export interface ShortTurns {
  /** Undefined when it is the holder's turn now; else resolves when it is. */
  next(holder: Holder): Promise<void> | undefined;
}

/**
 * A review takes about 0.2 ms. So many in one round of the event loop hold up a new one by 3 ms at most; 1,000 that are ready
 * together, because one caller sent them or one read served them, would take 0.2 s.
 */
export const reviewsPerRound = 16;

/** Lets so many pieces of work at most be done in each round of the event loop. The rest waits, and holders take turns. */
export function createShortTurns(perRound: number): ShortTurns {
  const waiting = new FairQueue<() => void>();
  let taken = 0;
  const take = (): void => {
    taken += 1;
    // Counting from zero in each round would need an immediate in each: 3 µs for each review of a webhook that has little to do.
    if (taken === perRound) setImmediate(round);
  };
  const round = (): void => {
    taken = 0;
    for (let turn = 0; turn < perRound; turn += 1) {
      const resolve = waiting.shift();
      if (resolve === undefined) return;
      take();
      resolve();
    }
  };
  return {
    next(holder) {
      if (taken >= perRound || waiting.size > 0) return new Promise(resolve => waiting.push(holder, resolve));
      take();
      return undefined;
    },
  };
}

function nextRound(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve);
  });
}
