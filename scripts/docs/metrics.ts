import { metricSpecs } from '../../src/observability/metrics.ts';
import { legacyMetricSpecs } from '../../src/observability/legacy-metrics.ts';
import type { MetricSpec } from '../../src/observability/metric-spec.ts';
import { markdownTable } from './markdown-table.ts';

export function renderMetrics(): string {
  return [
    '# Metrics',
    '',
    'Served as Prometheus text at `/metrics` on `--metrics-port`. `process_*` and `nodejs_*` come on top. Labels never hold a',
    'namespace, a pod or a role.',
    '',
    table(metricSpecs),
    '',
    '## With `--legacy-metrics`',
    '',
    'The names of the AWS webhook, for dashboards that exist.',
    '',
    table(legacyMetricSpecs),
    '',
  ].join('\n');
}

function table(specs: readonly MetricSpec[]): string {
  return markdownTable(
    ['metric', 'type', 'labels', 'meaning'],
    specs.map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels
        .map(label => `\`${label.name}\`${label.values.length > 0 ? `: ${label.values.join(', ')}` : ''}`)
        .join('; '),
      help,
    ]),
  );
}
