import { parser } from '@prometheus-io/lezer-promql';
import { Registry, collectDefaultMetrics } from '@prometheus-io/client';
import { describe, expect, test } from 'vitest';
import { metricSpecs } from '../../src/observability/metrics.ts';
import { find, render, type KubernetesObject } from './helm.ts';

/** Of the API server, which no test of ours can list: https://kubernetes.io/docs/reference/instrumentation/metrics/ */
const apiServerMetrics = [
  'apiserver_admission_webhook_fail_open_count',
  'apiserver_admission_webhook_rejection_count',
  'apiserver_admission_webhook_admission_duration_seconds_bucket',
];

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Record<string, string>;
}

const monitoring = { metrics: { prometheusRule: { enabled: true }, grafanaDashboard: { enabled: true } } };

async function renderAlerts(values: object = monitoring): Promise<readonly Alert[]> {
  const { groups } = find(await render({ values }), 'PrometheusRule')['spec'] as { groups: { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

async function renderDashboard(): Promise<Dashboard> {
  const { data } = find(await render({ values: monitoring }), 'ConfigMap') as KubernetesObject & { data: object };
  return JSON.parse(Object.values(data)[0]);
}

/** What Grafana fills in. */
function filledIn(expression: string): string {
  return expression.replaceAll('$__rate_interval', '5m').replaceAll(/\$(job|instance)/g, '$1');
}

/** The metrics and the matched labels of an expression. Throws where it is not PromQL. */
function readExpression(text: string): { readonly metrics: readonly string[]; readonly matchers: readonly Matcher[] } {
  const metrics: string[] = [];
  const matchers: Matcher[] = [];
  parser.parse(text).iterate({
    enter({ type, from, to, node }) {
      if (type.isError) throw new Error(`expected PromQL, found ${text} with an error at ${from}`);
      if (type.name !== 'VectorSelector') return;
      const metric = text.slice(from, to).replace(/\{.*/s, '');
      metrics.push(metric);
      for (const matcher of node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
        const [, label = '', operator = '', value = ''] =
          /^(\w+)(=~|!=|!~|=)"(.*)"$/.exec(text.slice(matcher.from, matcher.to)) ?? [];
        matchers.push({ metric, label, operator, value });
      }
    },
  });
  return { metrics, matchers };
}

interface Matcher {
  readonly metric: string;
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

async function knownMetrics(): Promise<ReadonlySet<string>> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const defaults = await registry.getMetricsAsJSON();
  const own = metricSpecs.flatMap(({ name, type }) => (type === 'histogram' ? [`${name}_bucket`] : [name]));
  return new Set([...own, ...defaults.map(({ name }) => name), ...apiServerMetrics, 'up']);
}

/** Values of ours that a matcher may name; undefined where they cannot be listed. */
function valuesOf(metric: string, label: string): readonly string[] | undefined {
  const spec = metricSpecs.find(({ name }) => metric === name || metric === `${name}_bucket`);
  const values = spec?.labels.find(({ name }) => name === label)?.values ?? [];
  return values.length > 0 ? values : undefined;
}

function expectKnown(expression: string, known: ReadonlySet<string>): void {
  const { metrics, matchers } = readExpression(expression);
  expect(metrics.length).toBeGreaterThan(0);
  for (const metric of metrics) expect(known).toContain(metric);
  for (const { metric, label, value } of matchers) {
    const spec = metricSpecs.find(({ name }) => metric === name || metric === `${name}_bucket`);
    if (spec !== undefined && !['job', 'instance'].includes(label)) {
      expect(
        spec.labels.map(({ name }) => name),
        metric,
      ).toContain(label);
    }
    const values = valuesOf(metric, label);
    if (values !== undefined) for (const part of value.split('|')) expect(values).toContain(part);
  }
}

const known = await knownMetrics();
const alerts = await renderAlerts();

describe('the alerts', () => {
  test.each(alerts)('$alert is PromQL of metrics, labels and values that exist', ({ expr }) => {
    expectKnown(expr, known);
  });

  test('go by the job that ServiceMonitor and PodMonitor make', async () => {
    const values = { nameOverride: 'other', metrics: { ...monitoring.metrics, serviceMonitor: { enabled: true } } };
    const objects = await render({ values });
    expect(find(objects, 'ServiceMonitor')['spec']).toMatchObject({ jobLabel: 'app.kubernetes.io/name' });
    expect(find(objects, 'Service').metadata['labels']).toMatchObject({ 'app.kubernetes.io/name': 'other' });
    const down = (await renderAlerts(values)).find(({ alert }) => alert === 'IrsaWebhookDown');
    expect(down?.expr).toBe('absent(up{job="other"} == 1)');
  });

  test('warn of a certificate after a renewal must have failed, and long before its end', async () => {
    const secondsLeft = async (values: object): Promise<string | undefined> =>
      (await renderAlerts({ ...monitoring, ...values }))
        .find(({ alert }) => alert === 'IrsaWebhookCertificateExpiring')
        ?.expr.split(' < ')[1];
    expect(await secondsLeft({})).toBe(String(24 * 3600));
    expect(await secondsLeft({ pki: { certManager: { enabled: true } } })).toBe(String(7 * 24 * 3600));
  });

  test('warn of every refusal but that of a recheck, which is usual', () => {
    const { expr = '' } = alerts.find(({ alert }) => alert === 'IrsaWebhookRefuses') ?? {};
    const { metrics, matchers } = readExpression(expr);
    expect(metrics).toEqual(['irsa_webhook_refused_total']);
    expect(matchers.filter(({ label }) => label === 'reason')).toMatchObject([{ operator: '!=', value: 'rechecks' }]);
  });

  test('can be left out one by one, and those on metrics of the API server together', async () => {
    const defaultRules = { disabled: ['IrsaWebhookSlow'], apiServerMetrics: false };
    const names = (await renderAlerts({ metrics: { prometheusRule: { enabled: true, defaultRules } } })).map(
      a => a.alert,
    );
    const left = alerts.map(({ alert }) => alert);
    expect(left).toEqual(
      expect.arrayContaining(['IrsaWebhookSlow', 'IrsaWebhookFailedOpen', 'IrsaWebhookCallsRejected']),
    );
    expect(names).toEqual(left.filter(name => !/Slow|FailedOpen|CallsRejected/.test(name)));
  });

  test('link to a runbook on demand', async () => {
    const defaultRules = { runbookUrlBase: 'https://example.com/#' };
    const [first] = await renderAlerts({ metrics: { prometheusRule: { enabled: true, defaultRules } } });
    expect(first?.annotations['runbook_url']).toBe('https://example.com/#irsawebhookfailedopen');
    expect(alerts[0]?.annotations).not.toHaveProperty('runbook_url');
  });
});

describe('the dashboard', () => {
  test('has only panels with PromQL of metrics, labels and values that exist', async () => {
    const { panels } = await renderDashboard();
    const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(15);
    for (const expression of expressions) expectKnown(filledIn(expression), known);
  });

  test('has only variables that are used, and finds them in a metric that exists', async () => {
    const dashboard = await renderDashboard();
    const text = JSON.stringify(dashboard.panels);
    for (const { name, query } of dashboard.templating.list) {
      expect(text).toMatch(new RegExp(`\\$\\{?${name}\\b`));
      const [, metric] = /label_values\((\w+)/.exec(JSON.stringify(query)) ?? [];
      if (metric !== undefined) expect(known).toContain(metric);
    }
  });
});

describe('objects of operators', () => {
  const values = {
    metrics: {
      renderMode: 'skipIfMissing',
      serviceMonitor: { enabled: true },
      prometheusRule: { enabled: true },
      grafanaDashboard: { operator: { enabled: true } },
    },
  };
  const kinds = async (apiVersions: readonly string[]): Promise<readonly string[]> =>
    (await render({ values, apiVersions })).map(({ kind }) => kind);

  test('are left out with skipIfMissing where their kinds are not known', async () => {
    expect(await kinds([])).not.toEqual(expect.arrayContaining([expect.stringMatching(/Monitor|Rule|Dashboard/)]));
    expect(await kinds(['monitoring.coreos.com/v1', 'grafana.integreatly.org/v1beta1'])).toEqual(
      expect.arrayContaining(['ServiceMonitor', 'PrometheusRule', 'GrafanaDashboard']),
    );
  });
});
