import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { find, render } from '../../chart/helm.ts';
import { application } from '../support/application.ts';
import { apply } from '../support/kubectl.ts';
import { roleArn, serviceAccount, useNamespace } from '../support/namespace.ts';
import { deployPrometheus, removePrometheusRights, type Prometheus, type Target } from '../support/prometheus.ts';
import { ensureInstalled, release } from '../support/release.ts';

const namespace = useNamespace();
const alertGroups = z.array(z.looseObject({ rules: z.array(z.looseObject({ alert: z.string() })) }));
/** It scrapes and evaluates every second. */
const soon = { timeout: 60_000, interval: 1_000 };
let groups: z.infer<typeof alertGroups>;
let prometheus: Prometheus;

beforeAll(async () => {
  await ensureInstalled();
  const values = { metrics: { prometheusRule: { enabled: true } } };
  const { spec } = z
    .looseObject({ spec: z.object({ groups: alertGroups }) })
    .parse(find(await render({ values }), 'PrometheusRule'));
  groups = spec.groups;
  prometheus = await deployPrometheus(namespace, groups);
});
afterAll(removePrometheusRights);

describe('Prometheus', () => {
  test('scrapes both replicas and the API server', async () => {
    const up = { health: 'up', lastError: '' };
    const byJob = async (): Promise<readonly Target[]> =>
      (await prometheus.targets()).toSorted((a, b) => a.job.localeCompare(b.job));
    await expect.poll(byJob, soon).toEqual([
      { job: 'apiserver', ...up },
      { job: release, ...up },
      { job: release, ...up },
    ]);
  });

  test('evaluates every alert of the chart without an error', async () => {
    const expected = groups.flatMap(({ rules }) =>
      rules.map(({ alert }) => ({ name: alert, health: 'ok', lastError: '' })),
    );
    expect(expected.length).toBeGreaterThan(0);
    const evaluated = async (): Promise<readonly object[]> =>
      (await prometheus.rules()).map(({ name, health, lastError }) => ({ name, health, lastError }));
    await expect.poll(evaluated, soon).toEqual(expected);
  });

  test('finds nothing to alert of in a webhook that works', async () => {
    const ofWebhookItself = (name: string): boolean =>
      !['IrsaWebhookFailedOpen', 'IrsaWebhookCallsRejected'].includes(name);
    const firing = async (): Promise<readonly string[]> =>
      (await prometheus.rules())
        .filter(({ name, state }) => state !== 'inactive' && ofWebhookItself(name))
        .map(({ name }) => name);
    await expect.poll(firing, soon).toEqual([]);
  });

  test('sees the decisions of the webhook and the calls of the API server', async () => {
    await apply(
      serviceAccount({ namespace, name: 'reader', role: roleArn('reader') }),
      application({ namespace, name: 'pod', serviceAccount: 'reader' }),
    );
    const both = async (): Promise<readonly number[]> => [
      ...(await prometheus.query('sum(irsa_webhook_admission_reviews_total{outcome="mutated"})')),
      ...(await prometheus.query(
        'sum(apiserver_admission_webhook_admission_duration_seconds_count{name=~"(.+[.])?pod-identity-webhook.amazonaws.com"})',
      )),
    ];
    await expect.poll(both, soon).toEqual([expect.toSatisfy(isPositive), expect.toSatisfy(isPositive)]);
  });
});

function isPositive(value: number): boolean {
  return value > 0;
}
