import { Tally, type Outcome } from './tally.ts';

/**
 * kube-apiserver has 200 requests that change something in flight by default (--max-mutating-requests-inflight), and refuses
 * more before it calls any webhook. So this many of a load are on their way at most: what is due beyond that is not sent.
 */
const maxInFlight = 50;
const tickMs = 5;

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
  let handled = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) * perSecond) / 1_000);
    for (; handled < due; handled += 1) {
      if (underway.size >= maxInFlight) continue;
      const sending = tally.count(send()).finally(() => underway.delete(sending));
      underway.add(sending);
    }
  }, tickMs);
  return {
    tally,
    async stop() {
      clearInterval(timer);
      await Promise.all(underway);
      return tally;
    },
  };
}
