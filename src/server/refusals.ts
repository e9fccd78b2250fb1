import { createRateLimit } from '../observability/rate-limit.ts';
import type { Log } from '../util/log.ts';
import type { RefusalObserver, ServerRefusal } from './observers.ts';

/** Where the limits report what they refused. */
export interface Refusals {
  /** `peer` is whose connection it was. */
  add(reason: ServerRefusal, peer: string): void;
}

/** There are six reasons. */
const maxReasons = 6;

/** Counts each refusal, and logs a line a minute for each reason. */
export function createRefusals(observer: RefusalObserver, log: Log, now: () => number): Refusals {
  const perMinute = createRateLimit({ intervalMs: 60_000, maxKeys: maxReasons, now });
  return {
    add(reason, peer) {
      observer.refused(reason);
      const more = perMinute.pass(reason);
      if (more !== undefined) log.warn('A caller was refused more than its share.', { reason, client: peer, more });
    },
  };
}
