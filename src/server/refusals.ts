import type { Log } from '../util/log.ts';
import { createRateLimit } from '../util/rate-limit.ts';
import { refusalReasons, type RefusalObserver, type RefusalReason } from '../util/refusal.ts';

/** Where the limits report what they refused. */
export interface Refusals {
  /** `peer` is whose connection it was. */
  add(reason: RefusalReason, peer: string): void;
}

/** Counts each refusal, and logs a line a minute for each reason. */
export function createRefusals(observer: RefusalObserver, log: Log, now: () => number): Refusals {
  const perMinute = createRateLimit({ intervalMs: 60_000, maxKeys: refusalReasons.length, now });
  return {
    add(reason, peer) {
      observer.refused(reason);
      const more = perMinute.pass(reason);
      if (more !== undefined) log.warn('A caller was refused more than its share.', { reason, client: peer, more });
    },
  };
}
