import { describe, expect, test } from 'vitest';
import type { NoticeCode } from '../../src/identity/notice.ts';
import { legacyMetricSpecs } from '../../src/observability/legacy-metrics.ts';
import { createMetrics, metricSpecs, type Metrics } from '../../src/observability/metrics.ts';
import { decisionWith } from './decisions.ts';

function newMetrics(legacyNames = false): Metrics {
  return createMetrics({ version: '1.2.3', revision: 'abc', nodeVersion: 'v26.0.0', legacyNames });
}

/** Series -> value, without the comments. */
async function scrape(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  const { body } = await metrics.scrape();
  return new Map(
    body
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
      .map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

const reviews = 'irsa_webhook_admission_reviews_total';
const mutated = `${reviews}{outcome="mutated",method="web_identity",hook="default"}`;
const skipped = 'irsa_webhook_containers_skipped_total{reason="already_injected"}';

describe('createMetrics()', () => {
  test('exports exactly the series that the specs list, with their help and type', async () => {
    const { body, contentType } = await newMetrics(true).scrape();
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const { name, help, type } of [...metricSpecs, ...legacyMetricSpecs]) {
      expect(body).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    }
    const names = [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? '');
    const ours = names.filter(name => !/^(process|nodejs)_/.test(name));
    expect(ours.sort()).toEqual([...metricSpecs, ...legacyMetricSpecs].map(({ name }) => name).sort());
    expect(names.filter(name => /^(process|nodejs)_/.test(name)).length).toBeGreaterThan(20);
  });

  test('exports no AWS names without --legacy-metrics', async () => {
    const { body } = await newMetrics().scrape();
    for (const { name } of legacyMetricSpecs) expect(body).not.toContain(name);
  });

  test('has the series that can be listed at 0 from the start', async () => {
    const series = await scrape(newMetrics());
    expect([...series.keys()].filter(name => name.startsWith(reviews))).toHaveLength(8 * 4 * 3);
    expect(series.get(mutated)).toBe(0);
    expect(series.get(skipped)).toBe(0);
    expect(series.get('irsa_webhook_admission_duration_seconds_count{outcome="denied"}')).toBe(0);
    expect(series.get('irsa_webhook_serviceaccount_lookups_total{source="api",result="error"}')).toBe(0);
    expect(series.get('irsa_webhook_http_requests_total{handler="/mutate",code="503"}')).toBe(0);
    expect(series.get('certwatcher_read_certificate_errors_total')).toBe(0);
    expect(series.get('irsa_webhook_build_info{version="1.2.3",revision="abc",node_version="v26.0.0"}')).toBe(1);
  });

  test('counts refusals by reason, from 0 on', async () => {
    const metrics = newMetrics();
    metrics.refused('lookups');
    const series = await scrape(metrics);
    expect(series.get('irsa_webhook_refused_total{reason="lookups"}')).toBe(1);
    expect(series.get('irsa_webhook_refused_total{reason="rechecks"}')).toBe(0);
  });

  test('counts decisions and their time', async () => {
    const metrics = newMetrics();
    metrics.decided(decisionWith({ containersInjected: 2, containersSkipped: ['already_injected'] }), 0.002);
    metrics.decided(
      decisionWith({ outcome: 'no_identity', reason: 'no_role', method: 'none', containersInjected: 0 }),
      6,
    );
    const series = await scrape(metrics);
    expect(series.get(mutated)).toBe(1);
    expect(series.get(`${reviews}{outcome="no_identity",method="none",hook="default"}`)).toBe(1);
    expect(series.get('irsa_webhook_containers_injected_total')).toBe(2);
    expect(series.get(skipped)).toBe(1);
    expect(series.get('irsa_webhook_admission_duration_seconds_bucket{le="0.001",outcome="mutated"}')).toBe(0);
    expect(series.get('irsa_webhook_admission_duration_seconds_bucket{le="0.0025",outcome="mutated"}')).toBe(1);
    expect(series.get('irsa_webhook_admission_duration_seconds_sum{outcome="no_identity"}')).toBe(6);
  });

  test('counts a dry run as a review, and not as a pod (E14)', async () => {
    const metrics = newMetrics(true);
    const dryRun = { dryRun: true, containersSkipped: ['already_injected'] } as const;
    metrics.decided(decisionWith(dryRun), 0);
    metrics.decided(
      decisionWith({ ...dryRun, outcome: 'service_account_not_found', reason: 'service_account_not_found' }),
      0,
    );
    const series = await scrape(metrics);
    expect(series.get(mutated)).toBe(1);
    expect(series.get('irsa_webhook_containers_injected_total')).toBe(0);
    expect(series.get(skipped)).toBe(0);
    expect(series.get('pod_identity_webhook_pod_count{method="sts_web_identity"}')).toBe(0);
    expect(series.get('pod_identity_webhook_missing_sa_count')).toBe(0);
  });

  test('counts HTTP requests, those in flight too', async () => {
    const metrics = newMetrics();
    for (let request = 0; request < 3; request += 1) metrics.requestStarted('/mutate');
    metrics.requestEnded({ handler: '/mutate', method: 'POST', code: 200, seconds: 0.001 });
    metrics.requestEnded({ handler: '/mutate', method: 'POST', code: 503, seconds: 0.001 });
    const series = await scrape(metrics);
    expect(series.get('irsa_webhook_http_requests_in_flight{handler="/mutate"}')).toBe(1);
    expect(series.get('irsa_webhook_http_requests_total{handler="/mutate",code="503"}')).toBe(1);
  });

  test('counts what the certificate and the Kubernetes client tell, under the names of Go', async () => {
    const metrics = newMetrics();
    metrics.certificateRead();
    metrics.certificateRead();
    metrics.certificateReadFailed();
    metrics.certificateInUse(1_800_000_000_000);
    metrics.requestFinished({ code: '200', method: 'GET', host: '10.0.0.1:443', durationMs: 30 });
    metrics.requestFinished({ code: '<error>', method: 'GET', host: '10.0.0.1:443', durationMs: 20_000 });
    metrics.watchRestarted('serviceaccounts', 'expired');
    metrics.logLinesDropped(1);
    const series = await scrape(metrics);
    expect(series.get('certwatcher_read_certificate_total')).toBe(2);
    expect(series.get('certwatcher_read_certificate_errors_total')).toBe(1);
    expect(series.get('irsa_webhook_tls_certificate_not_after_timestamp_seconds{cert="serving"}')).toBe(1_800_000_000);
    expect(series.get('rest_client_requests_total{code="<error>",method="GET",host="10.0.0.1:443"}')).toBe(1);
    expect(series.get('rest_client_request_duration_seconds_bucket{le="0.025",verb="GET",host="10.0.0.1:443"}')).toBe(
      0,
    );
    expect(series.get('rest_client_request_duration_seconds_bucket{le="0.1",verb="GET",host="10.0.0.1:443"}')).toBe(1);
    expect(series.get('irsa_webhook_watch_restarts_total{resource="serviceaccounts",reason="expired"}')).toBe(1);
    expect(series.get('irsa_webhook_log_lines_dropped_total')).toBe(1);
  });

  test('asks the sources at each scrape, and forgets reasons that are gone', async () => {
    const metrics = newMetrics(true);
    let objects = 0;
    let invalid = new Map<NoticeCode, number>([['invalid_role_arn', 2]]);
    metrics.observeSources(
      {
        status: () => [
          { resource: 'serviceaccounts', synced: true, objects, lastContactMs: 5_000 },
          { resource: 'configmaps', synced: false, objects: 0, lastContactMs: undefined },
        ],
        invalidServiceAccounts: () => invalid,
      },
      1_700_000_000_000,
    );
    metrics.lookedUp('cache', 'hit');
    metrics.waited(40);
    const first = await scrape(metrics);
    expect(first.get('irsa_webhook_cache_synced{resource="serviceaccounts"}')).toBe(1);
    expect(first.get('irsa_webhook_cache_synced{resource="configmaps"}')).toBe(0);
    const contact = 'irsa_webhook_watch_last_contact_timestamp_seconds';
    expect(first.get(`${contact}{resource="serviceaccounts"}`)).toBe(1_700_000_005);
    expect(first.has(`${contact}{resource="configmaps"}`)).toBe(false);
    expect(first.get('irsa_webhook_invalid_serviceaccounts{reason="invalid_role_arn"}')).toBe(2);
    expect(first.get('irsa_webhook_serviceaccount_lookups_total{source="cache",result="hit"}')).toBe(1);
    expect(first.get('irsa_webhook_serviceaccount_wait_seconds_sum')).toBe(0.04);
    expect(first.get('pod_identity_webhook_used')).toBe(0);
    objects = 7;
    invalid = new Map();
    const second = await scrape(metrics);
    expect(second.get('irsa_webhook_cache_objects{resource="serviceaccounts"}')).toBe(7);
    expect(second.has('irsa_webhook_invalid_serviceaccounts{reason="invalid_role_arn"}')).toBe(false);
    expect(second.get('pod_identity_webhook_used')).toBe(1);
  });

  test('counts under the AWS names what the AWS webhook counts, in its units', async () => {
    const metrics = newMetrics(true);
    metrics.decided(decisionWith(), 0);
    metrics.decided(decisionWith({ outcome: 'unchanged', reason: 'already_injected' }), 0);
    metrics.decided(decisionWith({ method: 'container_credentials' }), 0);
    metrics.decided(decisionWith({ outcome: 'no_identity', reason: 'no_role', method: 'none' }), 0);
    metrics.decided(decisionWith({ outcome: 'service_account_not_found', method: 'none' }), 0);
    metrics.requestEnded({ handler: '/mutate', method: 'POST', code: 200, seconds: 0.2 });
    metrics.requestEnded({ handler: '/metrics', method: 'GET', code: 200, seconds: 0.2 });
    const series = await scrape(metrics);
    expect(series.get('pod_identity_webhook_pod_count{method="sts_web_identity"}')).toBe(2);
    expect(series.get('pod_identity_webhook_pod_count{method="container_credentials"}')).toBe(1);
    expect(series.get('pod_identity_webhook_missing_sa_count')).toBe(1);
    expect(series.get('http_request_count{verb="POST",path="/mutate",code="200"}')).toBe(1);
    expect([...series.keys()].filter(name => name.startsWith('http_request_count'))).toHaveLength(1);
    const labels = 'verb="POST",path="/mutate"';
    expect(series.get(`http_request_latencies_bucket{le="125000",${labels}}`)).toBe(0);
    expect(series.get(`http_request_latencies_bucket{le="250000",${labels}}`)).toBe(1);
    expect(series.get(`http_request_latencies_bucket{le="8000000",${labels}}`)).toBe(1);
    expect(series.get(`http_request_duration_microseconds_sum{${labels}}`)).toBe(200_000);
    expect(series.get(`http_request_duration_microseconds_count{${labels}}`)).toBe(1);
  });

  test('can be there twice in a process', async () => {
    const [one, other] = [newMetrics(), newMetrics()];
    one.logLinesDropped(1);
    expect((await scrape(other)).get('irsa_webhook_log_lines_dropped_total')).toBe(0);
  });
});
