import type { NoticeCode } from '../identity/notice.ts';
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

/** What the metrics ask at each scrape. */
export interface ObservedSources {
  status(): readonly ResourceStatus[];
  /** `invalid_serviceaccounts{reason}`: how many accounts have a notice of each kind. */
  invalidServiceAccounts(): ReadonlyMap<NoticeCode, number>;
}

/** One followed resource, for the metrics with the label `resource`. */
export interface ResourceStatus {
  readonly resource: string;
  /** `cache_synced` */
  readonly synced: boolean;
  /** `cache_objects`: annotated ServiceAccounts, entries of the mapping, associations. */
  readonly objects: number;
  /** `watch_last_contact_timestamp_seconds`, in milliseconds of the sources' clock; undefined without a watch or contact. */
  readonly lastContactMs: number | undefined;
}
