import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { reviewOf } from '../../admission/support.ts';
import { RawConnection } from '../../server/client.ts';
import { startServer } from '../../server/running-server.ts';
import { waitFor } from '../../support/wait-for.ts';

// A tenth of the real limits and less.
const limits = { headersMs: 300, requestMs: 600, checkIntervalMs: 100 };
const pastLimitMs = 800;

const review = reviewOf();
const request =
  'POST /mutate?timeout=10s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
  `Content-Length: ${Buffer.byteLength(review)}\r\n\r\n${review}`;

/** Keeps the event loop of this process, and with it the server's, from everything else. */
function stopTheLoop(forMs: number): void {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs);
}

// Go's HTTP client opens a connection for a request, sends the request on another one that has become free meanwhile, and
// keeps the new one for a later request: net/http, Transport.dialConnFor.
describe('A connection on which no request has begun', () => {
  test('may wait for its first one as long as for any later one', async () => {
    await using server = await startServer({ limits });
    const connection = await new RawConnection(server).opened();
    await delay(pastLimitMs);
    connection.socket.write(request);
    await waitFor(() => connection.received.includes('"patch"'), { what: 'an answer' });
    expect(connection.received).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  test('is closed without a word after that', async () => {
    await using server = await startServer({ limits: { ...limits, keepAliveMs: 1_000 } });
    const connection = await new RawConnection(server).opened();
    expect(await connection.untilClosed()).toBe('');
  });

  test('still has limits for the request that it begins', async () => {
    await using server = await startServer({ limits });
    const connection = await new RawConnection(server).opened();
    await delay(pastLimitMs);
    connection.socket.write(request.slice(0, 50));
    expect(await connection.untilClosed()).toMatch(/^HTTP\/1\.1 503 /);
  });

  test('is cut when connections become scarce (E163)', async () => {
    await using server = await startServer({ limits: { ...limits, quietConnections: 2 } });
    const connections = await Promise.all(Array.from({ length: 3 }, () => new RawConnection(server).opened()));
    await Promise.all(connections.map(connection => connection.untilClosed()));
  });
});

describe('A request whose bytes wait because the process gets no time', () => {
  test('is told to come again, as kube-apiserver does at 503 and not at 408', async () => {
    await using server = await startServer({ limits });
    const connection = await new RawConnection(server).opened();
    connection.socket.write(request.slice(0, 50));
    await delay(50);
    // Between the two phases of the loop in which it reads and looks at the time.
    await setImmediate();
    connection.socket.write(request.slice(50));
    stopTheLoop(pastLimitMs);
    const received = await connection.untilClosed();
    expect(received).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(received).toMatch(/\r\nRetry-After: 1\r\n/);
    expect(received).toMatch(/\r\nConnection: close\r\n/);
  });
});
