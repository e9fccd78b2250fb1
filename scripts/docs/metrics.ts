import { metricSpecs } from '../../src/observability/metrics.ts';
import { legacyMetricSpecs } from '../../src/observability/legacy-metrics.ts';
import type { MetricSpec } from '../../src/observability/register-metric.ts';
import type { RefusalReason } from '../../src/util/refusal.ts';
import { markdownTable } from './markdown-table.ts';

/** What each refusal means to a person; one that is missing here does not compile. */
const refusals: { readonly [reason in RefusalReason]: string } = {
  body_bytes:
    'A review, because its namespace or its address holds more bytes of request bodies than others leave room for (`--max-bytes-in-flight`). It is answered with HTTP 503; when very many are, the connection is closed.',
  pieces: 'A connection whose request came in very many TLS records or chunks. It is closed.',
  answer_bytes:
    'A review, because answers for its namespace or its address that nobody has read yet take too many bytes. It is answered with HTTP 503.',
  answer_not_taken: 'A connection whose answer was not read within 10 s. It is closed.',
  connections:
    'A connection, because its address has more than others leave room for (`--max-connections`). It is closed, or its request answered with HTTP 503.',
  pipelined: 'A connection on which a request came before the one before it was answered. It is closed.',
  lookups:
    'A read of a ServiceAccount, because its namespace waits for more reads than any other and the queue is full. The review is answered with HTTP 503, reason `too_many_lookups`.',
  rechecks:
    'Reading an account without a role once more, because its namespace has used its part of `--recheck-rate`. The review is answered from what the watch told.',
};

export function renderMetrics(): string {
  return [
    '# Metrics',
    '',
    'Served as Prometheus text at `/metrics` on `--metrics-port`. `process_*` and `nodejs_*` come on top. Labels never hold a',
    'namespace, a pod or a role.',
    '',
    table(metricSpecs),
    '',
    '## What is refused',
    '',
    'The values of `reason` in `irsa_webhook_refused_total`:',
    '',
    markdownTable(
      ['reason', 'refused'],
      Object.entries(refusals).map(([reason, meaning]) => [`\`${reason}\``, meaning]),
    ),
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
