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

/** Lets short pieces of work run that became ready at the same time, for example because one answer served them all. */
export interface ShortTurns {
  /** Resolves when it is the holder's turn. */
  next(holder: Holder): Promise<void>;
}

/** So many of them in each round of the event loop: 1,000 reviews that waited for the same read would take 0.2 s together. */
const perRound = 8;

export function createShortTurns(): ShortTurns {
  const waiting = new FairQueue<() => void>();
  const round = (): void => {
    for (let turn = 0; turn < perRound; turn += 1) waiting.shift()?.();
    if (waiting.size > 0) setImmediate(round);
  };
  return {
    next: holder =>
      new Promise(resolve => {
        if (waiting.size === 0) setImmediate(round);
        waiting.push(holder, resolve);
      }),
  };
}

function nextRound(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve);
  });
}
