/**
 * What is refused so that no caller and no tenant takes the others' part; the label of `irsa_webhook_refused_total`. A new
 * limit adds its reason here, and its meaning in `scripts/docs/metrics.ts`.
 */
export const refusalReasons = [
  'body_bytes',
  'pieces',
  'answer_bytes',
  'answer_not_taken',
  'connections',
  'pipelined',
  'lookups',
  'rechecks',
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/** What the metrics are told of each refusal. */
export interface RefusalObserver {
  refused(reason: RefusalReason): void;
}
