import { describe, expect, test } from 'vitest';
import { reportReadiness } from '../../src/server/readiness.ts';
import type { Health } from '../../src/util/health.ts';

const healthy: Health = { kind: 'healthy' };
const degraded: Health = { kind: 'degraded', detail: 'the watch is down' };
const unhealthy: Health = { kind: 'unhealthy', detail: 'not listed yet:\n  403' };

describe('reportReadiness()', () => {
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
  ])('says $body', ({ checks, isReady, body }) => {
    const named = checks.map((health, index) => ({ name: `check-${index}`, health: () => health }));
    expect(reportReadiness(named)).toEqual({ isReady, body });
  });
});
