import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { reviewOf } from '../../admission/support.ts';
import { ask, RawConnection, send } from '../../server/client.ts';
import { startServer, type RunningServer } from '../../server/running-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const head = 'POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

function inFlight(server: RunningServer): Promise<number | undefined> {
  return server.metric('irsa_webhook_http_requests_in_flight{handler="/mutate"}');
}

/** A request that has begun to send its body and does not go on. */
async function beginBody(server: RunningServer, headers: string, begun: string): Promise<RawConnection> {
  const connection = await new RawConnection(server).opened();
  const before = (await inFlight(server)) ?? 0;
  connection.socket.write(`${head}${headers}\r\n\r\n${begun}`);
  await waitFor(async () => ((await inFlight(server)) ?? 0) > before, { what: 'the request' });
  return connection;
}

describe('A body above the limit gets 413', () => {
  test('when its Content-Length says so, before any of it is sent (E9)', async () => {
    await using server = await startServer({ limits: { bodyBytes: 1_000 } });
    const connection = await new RawConnection(server).opened();
    connection.socket.write(`${head}Content-Length: 1001\r\n\r\n`);
    const received = await connection.untilClosed();
    expect(received).toMatch(/^HTTP\/1\.1 413 Payload Too Large\r\n/);
    expect(received).toContain('connection: close');
    expect(received).toContain('{"error":"expected a body of at most 1000 bytes, found more"}');
  });

  test('when it comes in chunks of unknown sum, before the rest is sent (E9)', async () => {
    await using server = await startServer({ limits: { bodyBytes: 1_000 } });
    const connection = await new RawConnection(server).opened();
    const chunk = `1f4\r\n${' '.repeat(500)}\r\n`; // 500 bytes
    connection.socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`);
    await waitFor(async () => (await inFlight(server)) === 1, { what: 'the request' });
    expect(connection.received).toBe('');
    connection.socket.write('1\r\n \r\n');
    expect(await connection.untilClosed()).toMatch(/^HTTP\/1\.1 413 Payload Too Large\r\n/);
  });

  test('and one at the limit in chunks is read (E9)', async () => {
    const review = reviewOf();
    await using server = await startServer({ limits: { bodyBytes: Buffer.byteLength(review) } });
    const connection = await new RawConnection(server).opened();
    const chunks = [review.slice(0, 100), review.slice(100)].map(part => `${part.length.toString(16)}\r\n${part}\r\n`);
    connection.socket.write(
      `${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunks.join('')}0\r\n\r\n`,
    );
    expect(await connection.untilClosed()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});

describe('Bodies in flight', () => {
  const limits = { bodyBytes: 1_000, bodyBytesInFlight: 1_000, smallBodyBytes: 100 };

  test('E80: above the budget get 503, to be sent again, once they are received; what is left is still given', async () => {
    await using server = await startServer({ limits });
    await using held = new AsyncDisposableStack();
    const connection = await beginBody(server, 'Content-Length: 900', '{');
    held.defer(() => void connection.socket.destroy());
    const refused = await send(server, { body: ' '.repeat(101) });
    expect(refused).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', connection: 'close' },
      body: '{"error":"too many bytes in request bodies at once"}',
    });
    expect(await server.metric('irsa_webhook_refused_total{reason="body_bytes"}')).toBe(1);
    const body = '{"a":1,"namespace":"other"}'.padEnd(100);
    expect((await send(server, { body })).status).toBe(400);
  });

  test.each(['answered', 'aborted'])('give their bytes back when they are %s', async end => {
    await using server = await startServer({ limits });
    for (let round = 0; round < 5; round += 1) {
      const connection = await beginBody(server, 'Content-Length: 1000\r\nConnection: close', ' '.repeat(10));
      if (end === 'aborted') connection.socket.destroy();
      else connection.socket.write(' '.repeat(990));
      await connection.untilClosed();
      await waitFor(async () => (await inFlight(server)) === 0, { what: 'the end of the request' });
    }
    expect((await send(server, { body: ' '.repeat(1_000) })).status).toBe(400);
  });
});

describe('Connections', () => {
  test('above the limit and the surplus are refused, with a line in the log, and served again later', async () => {
    await using server = await startServer({ limits: { connections: 2, surplusConnections: 0, connectionsKept: 32 } });
    const connections = [await new RawConnection(server).opened(), await new RawConnection(server).opened()];
    const refused = new RawConnection(server);
    expect(await refused.untilClosed()).toBe('');
    const msg = 'A caller was refused more than its share.';
    expect(await server.logLines()).toContainEqual(
      expect.objectContaining({ level: 'warn', msg, client: '127.0.0.1' }),
    );
    for (const { socket } of connections) socket.destroy();
    await waitFor(async () => (await send(server, { body: reviewOf() })).status === 200, { what: 'an answer' });
  });

  test('are kept for the next request', async () => {
    await using server = await startServer();
    const connection = await new RawConnection(server).opened();
    const body = reviewOf();
    const request = `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    for (let round = 1; round <= 3; round += 1) {
      connection.socket.write(request);
      await waitFor(() => connection.received.match(/HTTP\/1\.1 200 OK/g)?.length === round, {
        what: `answer ${round}`,
      });
    }
    expect(connection.received).toContain('Connection: keep-alive');
    // Longer than the 90 s for which kube-apiserver keeps its side.
    expect(connection.received).toContain('Keep-Alive: timeout=120');
    connection.socket.destroy();
  });

  test('speak HTTP/1.1 when HTTP/2 is offered too', async () => {
    await using server = await startServer();
    const { connect } = await import('node:tls');
    const socket = connect({
      host: 'localhost',
      port: server.port,
      ca: server.authority.certificate,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    await once(socket, 'secureConnect');
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.destroy();
  });
});

describe('What is not HTTP', () => {
  test.each([
    ['no request line', 'hello\r\n\r\n', '400 Bad Request', 'expected an HTTP/1.1 request'],
    ['20 KB of headers', `${head}X: ${'x'.repeat(20_000)}\r\n\r\n`, '431 Request Header Fields Too Large', '16 KiB'],
    ['two lengths', `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, '400 Bad Request', 'HTTP/1.1'],
  ])('is answered and closed: %s', async (_name, bytes, status, text) => {
    await using server = await startServer();
    const connection = await new RawConnection(server).opened();
    connection.socket.write(bytes);
    const received = await connection.untilClosed();
    expect(received).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\r\nConnection: close\r\n`));
    expect(received).toContain(text);
    expect((await ask(server, '/livez')).status).toBe(200);
  });
});
