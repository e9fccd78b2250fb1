import { describe, expect, test } from 'vitest';
import type { Health } from '../../src/util/health.ts';
import { ask } from './client.ts';
import { startServer } from './running-server.ts';

const healthy: Health = { kind: 'healthy' };
const degraded: Health = { kind: 'degraded', detail: 'the watch is down' };
const unhealthy: Health = { kind: 'unhealthy', detail: 'not listed yet:\n  403' };

describe('The plain listener', () => {
  test.each(['/livez', '/healthz'])('answers ok at %s, whatever the checks say', async path => {
    const checks = [{ name: 'broken', health: (): Health => ({ kind: 'unhealthy', detail: 'x' }) }];
    await using server = await startServer({ checks });
    expect(await ask(server, path)).toMatchObject({ status: 200, body: 'ok' });
    expect(await ask(server, path, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  test('says at /readyz why it is not ready, and becomes ready (E149)', async () => {
    let health: Health = { kind: 'unhealthy', detail: 'serviceaccounts: 403 Forbidden' };
    await using server = await startServer({ checks: [{ name: 'sources', health: () => health }] });
    expect(await ask(server, '/readyz')).toMatchObject({
      status: 503,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: '[-]sources failed: serviceaccounts: 403 Forbidden\n[+]shutdown ok\n',
    });
    health = { kind: 'healthy' };
    expect(await ask(server, '/readyz')).toMatchObject({ status: 200, body: '[+]sources ok\n[+]shutdown ok\n' });
  });

  test.each([
    { checks: [], isReady: true, body: '' },
    { checks: [healthy], isReady: true, body: '[+]check-0 ok\n' },
    { checks: [degraded], isReady: true, body: '[+]check-0 ok, but degraded: the watch is down\n' },
    { checks: [unhealthy], isReady: false, body: '[-]check-0 failed: not listed yet: 403\n' },
    {
      checks: [unhealthy, healthy, degraded],
      isReady: false,
      body: '[-]check-0 failed: not listed yet: 403\n[+]check-1 ok\n[+]check-2 ok, but degraded: the watch is down\n',
    },
  ])('says at /readyz: $body', async ({ checks, isReady, body }) => {
    const named = checks.map((health, index) => ({ name: `check-${index}`, health: () => health }));
    await using server = await startServer({ checks: named });
    const answer = { status: isReady ? 200 : 503, body: `${body}[+]shutdown ok\n` };
    expect(await ask(server, '/readyz')).toMatchObject(answer);
  });

  test('is not ready without a certificate (E141)', async () => {
    await using server = await startServer({ withCertificate: false });
    expect(await ask(server, '/readyz')).toMatchObject({
      status: 503,
      body: '[-]certificate failed: none yet\n[+]shutdown ok\n',
    });
    server.certificates.set(server.issue());
    expect((await ask(server, '/readyz')).status).toBe(200);
  });

  test('shows the metrics at /metrics, and counts that', async () => {
    await using server = await startServer();
    await ask(server, '/metrics');
    const page = await ask(server, '/metrics');
    expect(page).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    });
    expect(page.body).toContain('irsa_webhook_http_requests_total{handler="/metrics",code="200"} 1\n');
  });

  test.each([
    ['/', 'GET', 404],
    ['/mutate', 'POST', 404],
    ['/debug/alpha/cache', 'GET', 404],
    ['/debug/alpha/cache/clear', 'POST', 404],
    ['/readyz', 'POST', 405],
    ['/metrics', 'DELETE', 405],
  ])('does not have %s with %s: %i', async (path, method, status) => {
    await using server = await startServer();
    expect((await ask(server, path, method)).status).toBe(status);
  });

  test('shows and clears the cache when debugging handlers are enabled', async () => {
    let cache = { 'ns/app': { RoleARN: 'arn:aws:iam::111122223333:role/app' } };
    const debugging = {
      dumpCache: () => cache,
      clearCache: () => {
        cache = { 'ns/app': { RoleARN: '' } };
      },
    };
    await using server = await startServer({ debugging });
    expect(await ask(server, '/debug/alpha/cache')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: '{\n "ns/app": {\n  "RoleARN": "arn:aws:iam::111122223333:role/app"\n }\n}',
    });
    expect(await ask(server, '/debug/alpha/cache/clear', 'POST')).toMatchObject({ status: 200, body: '' });
    expect((await ask(server, '/debug/alpha/cache')).body).toContain('"RoleARN": ""');
    expect((await ask(server, '/debug/alpha/cache/clear')).status).toBe(200);
  });
});
