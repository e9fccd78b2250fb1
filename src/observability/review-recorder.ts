import type { ReviewObserver } from '../server/review.ts';

/** Counts each decision and logs it. */
export function createReviewRecorder(metrics: Pick<ReviewObserver, 'decided'>, log: ReviewObserver): ReviewObserver {
  return {
    decided(decision, seconds) {
      metrics.decided(decision, seconds);
      log.decided(decision, seconds);
    },
    unreadable: detail => log.unreadable(detail),
    abandoned: () => log.abandoned(),
  };
}
