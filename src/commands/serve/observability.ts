import type { Logger } from '../../observability/logger.ts';
import type { Metrics } from '../../observability/metrics.ts';

/** Where the parts report to. */
export interface Observability {
  readonly log: Logger;
  readonly metrics: Metrics;
}
