import { once } from 'node:events';
import { Agent } from 'node:https';
import { describe, expect, test } from 'vitest';
import type { ReviewAnswer, Reviewer } from '../../../src/admission/answer.ts';
import { constantSource, mutated, reviewerWith, reviewOf } from '../../admission/support.ts';
import { RawConnection, send } from '../../server/client.ts';
import { startServer, type RunningServer } from '../../server/running-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const unavailable = { kind: 'unavailable', reason: 'lookup_failed', detail: 'the API server answered 500' } as const;

/** Answers when the test says so, and remembers how long it was allowed to wait. */
function heldReviewer(): Reviewer & { readonly waits: number[]; release(): void } {
  const waits: number[] = [];
  const released = Promise.withResolvers<void>();
  return {
    waits,
    release: released.resolve,
    async review(_body, { waitMs }): Promise<ReviewAnswer> {
      waits.push(waitMs);
      await released.promise;
      return { kind: 'answered', body: '{"answered":true}', decision: mutated };
    },
  };
}

function reviews(server: RunningServer, outcome: string, method: string): Promise<number | undefined> {
  const labels = `outcome="${outcome}",method="${method}",hook="default"`;
  return server.metric(`irsa_webhook_admission_reviews_total{${labels}}`);
}

describe('POST /mutate', () => {
  test('gives each of 200 concurrent reviews its own uid', async () => {
    await using server = await startServer();
    const agent = new Agent({ keepAlive: true, maxSockets: 25 });
    const uids = Array.from({ length: 200 }, (_, index) => `uid-${index}`);
    const answers = await Promise.all(uids.map(uid => send(server, { body: reviewOf({ uid }), agent })));
    agent.destroy();
    expect(answers.map(({ body }) => JSON.parse(body).response.uid)).toEqual(uids);
    expect(await reviews(server, 'mutated', 'web_identity')).toBe(200);
  });

  test('answers 503, to be sent again, when the identity cannot be found out (E13)', async () => {
    await using server = await startServer({ reviewer: reviewerWith({ identities: constantSource(unavailable) }) });
    const answer = await send(server, { body: reviewOf() });
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', connection: 'close', 'content-type': 'application/json; charset=utf-8' },
      body: '{"error":"the API server answered 500"}',
    });
    expect(await reviews(server, 'error', 'none')).toBe(1);
    expect(await server.logLines()).toContainEqual(
      expect.objectContaining({ level: 'warn', reason: 'lookup_failed', detail: unavailable.detail }),
    );
  });

  test('lets the pod in with a warning when the operator wants that (E13)', async () => {
    const reviewer = reviewerWith({ identities: constantSource(unavailable), faultResponse: 'allow' });
    await using server = await startServer({ reviewer });
    const answer = await send(server, { body: reviewOf() });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).response).toMatchObject({ allowed: true, warnings: [expect.any(String)] });
  });

  test('answers 500 without details when the reviewer breaks, and logs its name and message (E13)', async () => {
    const reviewer: Reviewer = {
      review() {
        throw new RangeError('a defect of ours');
      },
    };
    await using server = await startServer({ reviewer });
    const answer = await send(server, { body: reviewOf() });
    expect(answer).toMatchObject({ status: 500, body: '{"error":"internal error, see the log"}' });
    expect(await server.logLines()).toContainEqual(
      expect.objectContaining({
        level: 'error',
        msg: 'Request failed.',
        error: 'RangeError',
        detail: 'a defect of ours',
      }),
    );
    expect(await server.metric('irsa_webhook_http_requests_total{handler="/mutate",code="500"}')).toBe(1);
    expect((await send(server, { path: '/healthz', method: 'GET' })).status).toBe(200);
  });

  test('gives the reviewer less time than the API server gives us (E18)', async () => {
    const reviewer = heldReviewer();
    reviewer.release();
    await using server = await startServer({ reviewer });
    for (const query of ['?timeout=5s', '', '?timeout=soon', '?timeout=1s&timeout=2s']) {
      expect((await send(server, { path: `/mutate${query}`, body: '{}' })).status).toBe(200);
    }
    const [five = 0, ...defaults] = reviewer.waits;
    expect(five).toBeLessThanOrEqual(4_500);
    expect(defaults).toHaveLength(3);
    for (const wait of defaults) {
      expect(wait).toBeLessThanOrEqual(9_500);
      expect(wait).toBeGreaterThan(4_500);
    }
  });

  test('takes the time that a body needed off the time to wait (E18)', async () => {
    const reviewer = heldReviewer();
    reviewer.release();
    await using server = await startServer({ reviewer });
    const connection = await new RawConnection(server).opened();
    connection.socket.write('POST /mutate?timeout=2s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n');
    connection.socket.write('Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{');
    const inFlight = 'irsa_webhook_http_requests_in_flight{handler="/mutate"}';
    await waitFor(async () => (await server.metric(inFlight)) === 1, { what: 'the request' });
    setTimeout(() => connection.socket.write('}'), 500);
    expect(await connection.untilClosed()).toMatch(/^HTTP\/1\.1 200/);
    expect(reviewer.waits[0]).toBeLessThanOrEqual(1_010); // 2 s less the margin of 0.5 s and what the body took
  });

  test('survives a client that goes away, and claims no mutation then (E18)', async () => {
    const reviewer = heldReviewer();
    await using server = await startServer({ reviewer });
    const connection = await new RawConnection(server).opened();
    const body = reviewOf();
    connection.socket.write('POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
    connection.socket.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    await waitFor(() => reviewer.waits.length === 1, { what: 'the review' });
    connection.socket.destroy();
    const aborted = 'irsa_webhook_http_requests_total{handler="/mutate",code="499"}';
    await waitFor(async () => (await server.metric(aborted)) === 1, { what: 'the aborted request' });
    reviewer.release();
    await waitFor(
      async () =>
        (await server.logLines()).some(({ msg }) => msg === 'The API server gave up before the answer was there.'),
      { what: 'the log line' },
    );
    expect(await reviews(server, 'mutated', 'web_identity')).toBe(0);
    expect((await send(server, { body })).status).toBe(200);
  });

  test('survives clients that go away in the middle of a body', async () => {
    await using server = await startServer();
    for (let round = 0; round < 5; round += 1) {
      const connection = await new RawConnection(server).opened();
      connection.socket.write('POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
      connection.socket.write('Content-Length: 1000\r\n\r\n{');
      if (round % 2 === 0) connection.socket.destroy();
      else connection.socket.end();
      await once(connection.socket, 'close');
    }
    expect((await send(server, { body: reviewOf() })).status).toBe(200);
    expect((await server.logLines()).filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('counts a dry run as a review and not as a pod (E14)', async () => {
    await using server = await startServer();
    await send(server, { body: reviewOf({ dryRun: true }) });
    expect(await reviews(server, 'mutated', 'web_identity')).toBe(1);
    expect(await server.metric('irsa_webhook_containers_injected_total')).toBe(0);
    expect(await server.metric('pod_identity_webhook_pod_count{method="sts_web_identity"}')).toBe(0);
    await send(server, { body: reviewOf() });
    expect(await server.metric('irsa_webhook_containers_injected_total')).toBe(1);
    expect(await server.metric('pod_identity_webhook_pod_count{method="sts_web_identity"}')).toBe(1);
  });
});

describe('The log', () => {
  test('holds no environment value, argument, annotation or token, whatever the outcome (E150)', async () => {
    await using server = await startServer({ level: 'debug' });
    const secret = 'hunter2-s3cr3t';
    const container = {
      name: 'app',
      args: [secret],
      env: [
        { name: 'PASSWORD', value: secret },
        { name: 'AWS_SECRET_ACCESS_KEY', value: secret },
      ],
    };
    const pods = [
      {
        metadata: { name: 'app', annotations: { note: secret } },
        spec: { serviceAccountName: 'app', containers: [container] },
      },
      { metadata: {}, spec: { serviceAccountName: 'app', containers: { secret } } },
      {
        metadata: { labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': '' } },
        spec: { containers: [container] },
      },
      { spec: secret },
    ];
    const bodies = [
      ...pods.map(object => reviewOf({ object })),
      reviewOf({ object: pods[0] }).slice(0, -5),
      reviewOf({ uid: 7, object: pods[0] }),
      secret,
    ];
    for (const body of bodies) {
      const answer = await send(server, { body });
      if (answer.status !== 200) expect(answer.body).not.toContain(secret);
    }
    const lines = await server.logLines();
    expect(lines.length).toBeGreaterThanOrEqual(pods.length);
    expect(JSON.stringify(lines)).not.toContain(secret);
  });

  test('caps and escapes what clients choose (E150)', async () => {
    await using server = await startServer();
    const name = `evil"\n\u2028{"level":"error"}${'x'.repeat(100_000)}`;
    await send(server, {
      body: reviewOf({
        uid: name,
        object: { metadata: { name }, spec: { serviceAccountName: 'app', containers: [{}] } },
      }),
    });
    const lines = await server.logLines();
    const line = lines.find(({ pod }) => typeof pod === 'string' && pod.startsWith('evil"\n'));
    expect(String(line?.['pod']).length).toBeLessThan(1_100);
    expect(JSON.stringify(lines).length).toBeLessThan(20_000);
  });
});
