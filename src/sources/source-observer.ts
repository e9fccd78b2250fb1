import type { RefusalObserver } from '../util/refusal.ts';

/** Where an answer was looked for. */
export type LookupSource = 'cache' | 'api' | 'configmap';

/** What was found there. */
export type LookupOutcome = 'hit' | 'miss' | 'error';

/** What the metrics are told of each question for an identity. */
export interface SourceObserver extends RefusalObserver {
  /** `serviceaccount_lookups_total{source,result}` */
  lookedUp(source: LookupSource, result: LookupOutcome): void;
  /** `serviceaccount_wait_seconds`, in milliseconds here: how long an admission waited for the API server. */
  waited(ms: number): void;
}
