import type { Decision } from '../admission/answer.ts';
import type { DecisionLog } from './decision-log.ts';
import type { AdmissionMetrics } from './admission-metrics.ts';

export interface ReviewRecorder {
  decided(decision: Decision, seconds: number): void;
  unreadable(detail: string): void;
  abandoned(): void;
}

/** Counts each decision and logs it. */
export function createReviewRecorder(metrics: AdmissionMetrics, log: DecisionLog): ReviewRecorder {
  return {
    decided(decision, seconds) {
      metrics.decided(decision, seconds);
      log.decided(decision, seconds);
    },
    unreadable: detail => log.unreadable(detail),
    abandoned: () => log.abandoned(),
  };
}
