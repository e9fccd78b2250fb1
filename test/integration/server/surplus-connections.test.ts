import { describe, expect, test } from 'vitest';
import type { Reviewer } from '../../../src/admission/answer.ts';
import { reviewerWith, reviewOf } from '../../admission/support.ts';
import { send } from '../../server/client.ts';
import { startServer, type RunningServer } from '../../server/running-server.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Answers when the test says so. */
function heldReviewer(): Reviewer & { release(): void } {
  const released = Promise.withResolvers<void>();
  return {
    release: released.resolve,
    async review(body, context) {
      await released.promise;
      return reviewerWith().review(body, context);
    },
  };
}

/** All of this are at work, and none of them is to be closed for another. */
async function startBusyServer(
  reviewer: Reviewer,
): Promise<{ server: RunningServer; busy: ReturnType<typeof send>[] }> {
  const limits = { connections: 2, surplusConnections: 1, connectionsKept: 2 };
  const server = await startServer({ reviewer, limits });
  const busy = [send(server, { body: reviewOf() }), send(server, { body: reviewOf() })];
  const inFlight = 'irsa_webhook_http_requests_in_flight{handler="/mutate"}';
  await waitFor(async () => (await server.metric(inFlight)) === 2, { what: 'both requests' });
  return { server, busy };
}

describe('Connections above the limit', () => {
  test('are answered with 503 and closed, while the others are served, and all are again later (E165)', async () => {
    const reviewer = heldReviewer();
    const { server, busy } = await startBusyServer(reviewer);
    await using _ = server;
    expect(await send(server, { body: reviewOf() })).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', connection: 'close' },
      body: '{"error":"too many connections at once"}',
    });
    const line = { level: 'warn', msg: 'A caller was refused more than its share.', reason: 'connections' };
    expect(await server.logLines()).toContainEqual(expect.objectContaining(line));
    reviewer.release();
    expect((await Promise.all(busy)).map(({ status }) => status)).toEqual([200, 200]);
    await waitFor(async () => (await send(server, { body: reviewOf() })).status === 200, { what: 'an answer' });
  });

  test('have their bodies received and forgotten before the answer (E165)', async () => {
    const reviewer = heldReviewer();
    const { server, busy } = await startBusyServer(reviewer);
    await using _ = server;
    const answer = await send(server, { body: Buffer.alloc(8_000_000, ' ') });
    expect(answer.status).toBe(503);
    reviewer.release();
    await Promise.all(busy);
  });
});
