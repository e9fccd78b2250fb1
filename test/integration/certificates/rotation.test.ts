import { once } from 'node:events';
import { request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { reviewOf } from '../../admission/support.ts';
import { atRandom, configurationName, FakeApi } from '../../certificates/self-managed/fake-api.ts';
import { dnsName, startAuthority, type RunningAuthority } from '../../certificates/self-managed/running-authority.ts';
import { bundlesOf } from '../../certificates/self-managed/webhook-objects.ts';
import { startServer, type RunningServer } from '../../server/running-server.ts';
import { waitFor } from '../../support/wait-for.ts';

/**
 * A year in 24 seconds: certificates know whole seconds only, and on a busy machine a second is lost now and then. API
 * servers are taken to follow the configuration within a second, and the authority waits three.
 */
const authorityDurationMs = 24_000;
const leafDurationMs = 10_000;
const settleMs = 3_000;
const mostLagMs = 1_000;
const replicas = 3;
const reviewsPerSecond = 200;
const rotations = 2;
const timeoutMs = 90_000;

interface Replica {
  readonly authority: RunningAuthority;
  readonly server: RunningServer;
}

async function startReplica(api: FakeApi, name: string): Promise<Replica> {
  const server = await startServer({ withCertificate: false });
  const authority = await startAuthority(api.connection(name), {
    webhookConfigurationName: configurationName,
    ...{ authorityDurationMs, leafDurationMs, settleMs, pollMs: 200 },
  });
  authority.source.subscribe(certificate => server.certificates.set(certificate));
  await waitFor(() => authority.source.health().kind === 'healthy', { what: 'health' });
  return { authority, server };
}

/** The bundle as an API server knows it that has not heard of the latest changes. */
function bundleKnown(api: FakeApi, lagMs: number): string {
  const knownMs = performance.now() - lagMs;
  const known = api.history.findLast(({ atMs, configuration }) => atMs <= knownMs && configuration !== undefined);
  return bundlesOf(known?.configuration ?? {})[0] ?? '';
}

/** One review over a connection of its own, by a client that trusts exactly this bundle. */
async function review({ server }: Replica, ca: string): Promise<number | undefined> {
  const call = request({
    ...{ host: '127.0.0.1', port: server.port, servername: dnsName, ca, agent: false },
    ...{ method: 'POST', path: '/mutate?timeout=10s', headers: { 'content-type': 'application/json' } },
  });
  call.end(reviewOf());
  const [response] = await once(call, 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

test(
  `${rotations} rotations of the authority under ${reviewsPerSecond} reviews/s fail none, in whatever order ${replicas} replicas see them (fault 8)`,
  { timeout: timeoutMs },
  async () => {
    await using api = await FakeApi.start();
    api.before = atRandom(150);
    const running = await Promise.all(Array.from({ length: replicas }, (_, index) => startReplica(api, `${index}`)));
    await delay(mostLagMs); // until every client knows the first bundle
    const failures: string[] = [];
    const calls: Promise<void>[] = [];
    const call = async (replica: Replica): Promise<void> => {
      try {
        expect(await review(replica, bundleKnown(api, Math.random() * mostLagMs))).toBe(200);
      } catch (error) {
        failures.push(String(error));
      }
    };
    const isRotated = ({ authority }: Replica): boolean =>
      authority.recorder.leaves().filter(reason => reason === 'issuer_replaced').length >= rotations;
    const startMs = performance.now();
    while (!running.every(isRotated)) {
      for (const replica of running) calls.push(call(replica));
      // At its own pace, however long the answers take.
      await delay(Math.max(0, startMs + (1_000 * calls.length) / reviewsPerSecond - performance.now()));
    }
    await Promise.all(calls);
    expect(failures).toEqual([]);
    const steps = running.flatMap(({ authority }) => authority.recorder.steps());
    expect(steps.filter(step => step === 'promote_next: next_settled')).toHaveLength(rotations);
    expect(steps.filter(step => step === 'drop_retired: retired').length).toBeGreaterThan(0);
    await Promise.all(running.flatMap(({ authority, server }) => [authority.stop(), server.stop()]));
  },
);
