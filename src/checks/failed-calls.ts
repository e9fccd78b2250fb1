import { count, ofWebhook, passed, warning, type Check, type CheckOutcome } from './check.ts';
import { readLines } from '../cluster/reader.ts';
import { parseSample, type Sample } from '../cluster/prometheus-text.ts';

/** https://kubernetes.io/docs/reference/instrumenting/metrics/ */
const failOpen = 'apiserver_admission_webhook_fail_open_count';
const rejections = 'apiserver_admission_webhook_rejection_count';

export const failedCalls: Check = {
  code: 'failed-calls',
  group: 'Injection',
  title: 'the API server has not failed to call the webhook',
  run: ofWebhook(async ({ hook }, { cluster }) => {
    const samples: Sample[] = [];
    for await (const line of readLines(cluster, '/metrics')) {
      const sample = line.startsWith(failOpen) || line.startsWith(rejections) ? parseSample(line) : undefined;
      if (sample !== undefined && hook.entries.some(({ name }) => name === sample.labels.get('name')))
        samples.push(sample);
    }
    return judgeCalls(samples);
  }),
};

/** Samples of our entries, of the one API server that answered. A rejection without an error is a decision of the webhook. */
function judgeCalls(samples: readonly Sample[]): CheckOutcome {
  const sum = (of: (sample: Sample) => boolean): number =>
    samples.filter(of).reduce((total, { value }) => total + value, 0);
  const opened = sum(({ name }) => name === failOpen);
  const rejected = sum(({ name, labels }) => name === rejections && labels.get('error_type') !== 'no_error');
  const parts = [
    ...(opened > 0 ? [`${count(opened, 'pod')} let in without it`] : []),
    ...(rejected > 0 ? [`${count(rejected, 'pod')} refused`] : []),
  ];
  if (parts.length === 0) return passed('since the API server that answered was started');
  return warning(
    `since its start the API server has had calls that failed: ${parts.join(', ')}`,
    'irsa audit -A finds pods without their identity. The log of the API server has the reason of each call.',
  );
}
