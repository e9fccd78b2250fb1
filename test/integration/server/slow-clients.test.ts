import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reviewOf } from '../../admission/support.ts';
import { RawConnection, send } from '../../server/client.ts';
import { startServer, type RunningServer } from '../../server/running-server.ts';

// A tenth of the real limits and less. The upper bounds below are generous: what matters is that the end comes at all,
// long before the default of 60 s and more.
const limits = { handshakeMs: 300, headersMs: 300, requestMs: 600, checkIntervalMs: 100 };
const atMostMs = 10_000;

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ limits });
});
afterAll(() => server.stop());

/** Sends one byte every 50 ms until the connection is closed, and gives all that was received. */
async function drip(connection: RawConnection, bytes: string): Promise<string> {
  let position = 0;
  const timer = setInterval(() => {
    if (connection.socket.writable) connection.socket.write(bytes.charAt(position));
    position = Math.min(position + 1, bytes.length - 1);
  }, 50);
  const received = await connection.untilClosed();
  clearInterval(timer);
  return received;
}

describe('A client is cut off', () => {
  test('that connects and says nothing (E163, fault 19)', async () => {
    const startMs = performance.now();
    const socket = connect(server.port, 'localhost');
    socket.on('error', () => undefined);
    socket.resume();
    await once(socket, 'close');
    expect(performance.now() - startMs).toBeGreaterThan(250);
    expect(performance.now() - startMs).toBeLessThan(atMostMs);
  });

  test('that drips its headers (E162, fault 19)', async () => {
    const startMs = performance.now();
    const connection = await new RawConnection(server).opened();
    const received = await drip(connection, `POST /mutate HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(1_000)}`);
    expect(received).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(performance.now() - startMs).toBeLessThan(atMostMs);
  });

  test('that drips its body (E162, fault 19)', async () => {
    const startMs = performance.now();
    const connection = await new RawConnection(server).opened();
    connection.socket.write('POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
    connection.socket.write('Content-Length: 1000\r\n\r\n');
    const received = await drip(connection, ' '.repeat(1_000));
    expect(received).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(received).toContain('{"error":"expected the whole request in time"}');
    expect(performance.now() - startMs).toBeGreaterThan(550);
    expect(performance.now() - startMs).toBeLessThan(atMostMs);
  });

  test('while others are served', async () => {
    const slow = Array.from({ length: 50 }, () => new RawConnection(server));
    await Promise.all(slow.map(connection => connection.opened()));
    for (const { socket } of slow) socket.write('POST /mutate HTTP/1.1\r\n');
    for (let round = 0; round < 10; round += 1) {
      expect((await send(server, { body: reviewOf() })).status).toBe(200);
    }
    await Promise.all(slow.map(connection => connection.untilClosed()));
    expect((await send(server, { body: reviewOf() })).status).toBe(200);
  });
});
