import { Tally, type Outcome } from './tally.ts';

/** Something that is sent at a steady rate, whatever becomes of what was sent before. */
export interface Load {
  readonly tally: Tally;
  /** Ends it and waits for what is on its way. */
  stop(): Promise<Tally>;
}

export function startLoad(perSecond: number, send: () => Promise<Outcome>): Load {
  const tally = new Tally();
  const underway = new Set<Promise<unknown>>();
  const startMs = performance.now();
  let started = 0;
  // Timers come late on a busy machine: what was missed is sent then, as pods that are asked for meanwhile would be.
  const timer = setInterval(() => {
    const due = ((performance.now() - startMs) * perSecond) / 1_000;
    for (; started < due; started += 1) {
      const sending = tally.count(send()).finally(() => underway.delete(sending));
      underway.add(sending);
    }
  }, 5);
  return {
    tally,
    async stop() {
      clearInterval(timer);
      await Promise.all(underway);
      return tally;
    },
  };
}
