import type { Registry } from '@prometheus-io/client';
import { refusalReasons, type RefusalObserver } from '../util/refusal.ts';
import type { MetricSpec } from './metric-spec.ts';
import { registerCounter } from './register-metric.ts';

const refusedSpec: MetricSpec<'reason'> = {
  type: 'counter',
  name: 'irsa_webhook_refused_total',
  help: 'What was refused so that no caller and no namespace takes the others’ part.',
  labels: [{ name: 'reason', values: refusalReasons }],
};

export const refusalMetricSpecs: readonly MetricSpec[] = [refusedSpec];

export function createRefusalMetrics(registry: Registry): RefusalObserver {
  const refused = registerCounter(registry, refusedSpec);
  return { refused: reason => refused.inc({ reason }) };
}
