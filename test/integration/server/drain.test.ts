import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { ReviewAnswer, Reviewer } from '../../../src/admission/answer.ts';
import { reviewerWith, reviewOf } from '../../admission/support.ts';
import { ask, RawConnection, send } from '../../server/client.ts';
import { startLoad } from '../../server/load.ts';
import { startServer, type RunningServer } from '../../server/running-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const body = reviewOf();
const head = `POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;

/** Answers as the real one does, but not before the test says so. */
function heldReviewer(): Reviewer & { asked: number; release(): void } {
  const reviewer = reviewerWith();
  const released = Promise.withResolvers<void>();
  return {
    asked: 0,
    release: released.resolve,
    async review(text, context): Promise<ReviewAnswer> {
      this.asked += 1;
      await released.promise;
      return reviewer.review(text, context);
    },
  };
}

async function draining(server: RunningServer): Promise<void> {
  await waitFor(async () => (await ask(server, '/readyz')).status === 503, { what: 'the drain', intervalMs: 1 });
}

/** Whether nobody listens on the port any more. */
async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

describe('A server that is told to end', () => {
  test('is not ready at once, and goes on answering with Connection: close (E143, E144)', async () => {
    await using server = await startServer({ drainMs: 2_000 });
    const kept = await new RawConnection(server).opened();
    kept.socket.write(head + body);
    await waitFor(() => kept.received.includes('"uid-1"'), { what: 'the first answer' });
    expect(kept.received).toContain('Connection: keep-alive');
    const stopped = server.stop();
    await draining(server);
    expect(await ask(server, '/readyz')).toMatchObject({
      status: 503,
      body: '[+]certificate ok\n[-]shutdown failed: the process is about to end\n',
    });
    expect((await ask(server, '/livez')).status).toBe(200);
    const answer = await send(server, { body, agent: new Agent({ keepAlive: true }) });
    expect(answer).toMatchObject({ status: 200, headers: { connection: 'close' } });
    expect(JSON.parse(answer.body).response.patch).toBeTypeOf('string');
    const health = await send(server, { method: 'GET', path: '/healthz' });
    expect(health).toMatchObject({ status: 200, headers: { connection: 'close' } });
    kept.socket.write(head + body);
    const received = await kept.untilClosed();
    expect(received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(received.match(/connection: close/gi)).toHaveLength(1);
    await stopped;
    await expect(send(server, { body })).rejects.toThrow(/ECONNREFUSED/);
    await expect(ask(server, '/livez')).rejects.toThrow(/ECONNREFUSED/);
  });

  test('answers what is in flight when the listener closes (E143)', async () => {
    const reviewer = heldReviewer();
    await using server = await startServer({ reviewer, drainMs: 0, shutdownTimeoutMs: 10_000 });
    const answers = Array.from({ length: 20 }, () => send(server, { body, agent: new Agent({ keepAlive: true }) }));
    await waitFor(() => reviewer.asked === 20, { what: 'the reviews' });
    const stopped = server.stop();
    await waitFor(() => isRefused(server.port), { what: 'the closed listener' });
    reviewer.release();
    for (const { status, headers } of await Promise.all(answers)) {
      expect({ status, connection: headers.connection }).toEqual({ status: 200, connection: 'close' });
    }
    await stopped;
  });

  test('answers a request whose headers had begun to come when the listener closed (E143)', async () => {
    await using server = await startServer({ drainMs: 0, shutdownTimeoutMs: 10_000 });
    const connection = await new RawConnection(server).opened();
    connection.socket.write(head.slice(0, 20));
    await send(server, { method: 'GET', path: '/healthz' }); // by then the server has read those bytes
    const stopped = server.stop();
    await waitFor(() => isRefused(server.port), { what: 'the closed listener' });
    connection.socket.write(head.slice(20) + body);
    const received = await connection.untilClosed();
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(received).toMatch(/^connection: close\r$/im);
    await stopped;
  });

  test('loses no request of a client that keeps its connections and is told to leave in time (E143, E144)', async () => {
    await using server = await startServer({ drainMs: 2_000 });
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const load = startLoad(16, async () => {
      const { status } = await send(server, { body, agent });
      expect(status).toBe(200);
    });
    await waitFor(async () => ((await server.metric('irsa_webhook_containers_injected_total')) ?? 0) > 50, {
      what: 'load',
    });
    const stopped = server.stop();
    await draining(server);
    // As an API server whose endpoints have changed: before the drain is over it goes elsewhere.
    await new Promise(resolve => setTimeout(resolve, 150));
    for (const answered of await load.stop()) expect(answered).toBeGreaterThan(0);
    agent.destroy();
    await stopped;
    expect(await server.metric('irsa_webhook_http_requests_total{handler="/mutate",code="499"}')).toBe(0);
  });

  test('closes idle connections, and cuts what does not end in time, silent ones included (E144)', async () => {
    const reviewer = heldReviewer();
    await using server = await startServer({
      reviewer,
      drainMs: 0,
      shutdownTimeoutMs: 300,
      limits: { handshakeMs: 60_000 },
    });
    const silent = connect(server.port, 'localhost').on('error', () => undefined);
    await once(silent, 'connect');
    const idle = await new RawConnection(server).opened();
    idle.socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await waitFor(() => idle.received.endsWith('ok'), { what: 'the answer' });
    const stuck = await new RawConnection(server).opened();
    stuck.socket.write(head + body);
    await waitFor(() => reviewer.asked === 1, { what: 'the review' });
    const startMs = performance.now();
    const stopped = server.stop();
    await idle.untilClosed();
    expect(await stuck.untilClosed()).toBe('');
    await stopped;
    // The handshake of the silent one would have had 60 s.
    expect(performance.now() - startMs).toBeLessThan(30_000);
    expect(await server.logLines()).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: 'Connections cut, they did not end in time.', connections: 2 }),
    );
  });
});
