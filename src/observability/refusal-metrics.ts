import type { Registry } from '@prometheus-io/client';
import type { MetricSpec } from './metric-spec.ts';
import { registerCounter } from './register-metric.ts';

/** Why something was refused, or cut, that would have taken more than its share. */
export const refusalReasons = [
  'body_bytes',
  'body_pieces',
  'answer_bytes',
  'answer_not_taken',
  'connections',
  'pipelined',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

const refusedSpec: MetricSpec<'reason'> = {
  type: 'counter',
  name: 'irsa_webhook_refused_total',
  help: 'What was refused or cut because its caller would have taken more than its share.',
  labels: [{ name: 'reason', values: refusalReasons }],
};

export const refusalMetricSpecs: readonly MetricSpec[] = [refusedSpec];

export interface RefusalMetrics {
  refused(reason: RefusalReason): void;
}

export function createRefusalMetrics(registry: Registry): RefusalMetrics {
  const refused = registerCounter(registry, refusedSpec);
  return { refused: reason => refused.inc({ reason }) };
}
