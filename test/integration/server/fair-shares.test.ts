import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { Reviewer } from '../../../src/admission/answer.ts';
import { mutated, reviewOf } from '../../admission/support.ts';
import { ask, RawConnection, send } from '../../server/client.ts';
import { startServer, type RunningServer } from '../../server/running-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const review = reviewOf();
const head = 'POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const request = `${head}Content-Length: ${Buffer.byteLength(review)}\r\n\r\n${review}`;

/** A connection of an address of the loopback network. */
class Peer {
  readonly socket: TLSSocket;
  received = '';
  isClosed = false;

  constructor(server: RunningServer, localAddress: string) {
    // Node.js hands the address on to net.connect(), which its types do not say.
    const options: ConnectionOptions & { localAddress: string } = {
      ...{ host: '127.0.0.1', port: server.port, localAddress, rejectUnauthorized: false },
    };
    this.socket = connect(options);
    this.socket.on('data', (chunk: Buffer) => (this.received += chunk.toString()));
    this.socket.on('error', () => undefined); // a reset is one of the ways to be closed
    this.socket.once('close', () => (this.isClosed = true));
  }

  static async open(server: RunningServer, localAddress: string): Promise<Peer> {
    const peer = new Peer(server, localAddress);
    await Promise.race([once(peer.socket, 'secureConnect'), once(peer.socket, 'close')]);
    return peer;
  }
}

function refused(server: RunningServer, reason: string): Promise<number | undefined> {
  return server.metric(`irsa_webhook_refused_total{reason="${reason}"}`);
}

describe('Places for connections', () => {
  const limits = { connections: 10, surplusConnections: 0, connectionsKept: 3, quietConnections: 10 };

  test('are taken from the peer that has most, its longest silent one first (E154)', async () => {
    await using server = await startServer({ limits });
    const many = await Promise.all(Array.from({ length: 8 }, () => Peer.open(server, '127.0.0.2')));
    const few = await Promise.all(Array.from({ length: 2 }, () => Peer.open(server, '127.0.0.3')));
    many[0]?.socket.write(request);
    await waitFor(() => many[0]?.received.includes('200 OK'), { what: 'an answer' });
    const newest = await Peer.open(server, '127.0.0.3');
    await waitFor(() => many.some(({ isClosed }) => isClosed), { what: 'the end of one connection' });
    expect(many.filter(({ isClosed }) => isClosed)).toHaveLength(1);
    expect([...few, newest, many[0]].map(peer => peer?.isClosed)).toEqual([false, false, false, false]);
    expect(await refused(server, 'connections')).toBe(1);
  });

  test('are not taken from a peer that has few, whatever others open (E154)', async () => {
    await using server = await startServer({ limits });
    const api = await Promise.all(Array.from({ length: 3 }, () => Peer.open(server, '127.0.0.2')));
    for (let round = 0; round < 40; round += 1) await Peer.open(server, `127.0.1.${round % 2}`);
    expect(api.map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
    for (const { socket } of api) socket.write(request);
    await waitFor(() => api.every(({ received }) => received.includes('200 OK')), { what: 'answers' });
  });

  test('on the plain port go to whoever comes: probes are answered whatever else is open (E154)', async () => {
    await using server = await startServer();
    const sockets = Array.from({ length: 100 }, (_, index) => {
      const localAddress = `127.0.2.${index % 20}`;
      return connectPlain({ host: '127.0.0.1', port: server.operationsPort, localAddress }).on(
        'error',
        () => undefined,
      );
    });
    await Promise.all(sockets.map(socket => once(socket, 'connect')));
    for (let probe = 0; probe < 20; probe += 1) expect((await ask(server, '/livez')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});

describe('A request that comes before the one before it is answered', () => {
  const get = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

  test('ends the connection without a byte (E155)', async () => {
    await using server = await startServer({ reviewer: { review: () => new Promise(() => undefined) } });
    const connection = await new RawConnection(server).opened();
    connection.socket.write(request + get.repeat(100));
    expect(await connection.untilClosed()).toBe('');
    expect(await refused(server, 'pipelined')).toBe(1);
  });

  test('is served when the one before it was answered at once (E155)', async () => {
    await using server = await startServer();
    const connection = await new RawConnection(server).opened();
    connection.socket.write(request);
    await waitFor(() => connection.received.includes('200 OK'), { what: 'an answer' });
    connection.socket.write(request);
    await waitFor(() => connection.received.match(/200 OK/g)?.length === 2, { what: 'the second answer' });
    connection.socket.destroy();
  });

  test.each(['hello\r\n\r\n', 'x'.repeat(20_000), '\u0000'])(
    'and is no HTTP is no answer either: %j (E155)',
    async garbage => {
      await using server = await startServer({ reviewer: { review: () => new Promise(() => undefined) } });
      const connection = await new RawConnection(server).opened();
      connection.socket.write(request);
      await waitFor(async () => (await server.metric(inFlight)) === 1, { what: 'the request' });
      connection.socket.write(garbage);
      expect(await connection.untilClosed()).toBe('');
    },
  );
});

const inFlight = 'irsa_webhook_http_requests_in_flight{handler="/mutate"}';

describe('What comes in very many pieces', () => {
  test.each([
    ['its body, in TLS records', `${head}Content-Length: 1000\r\n\r\n${' '.repeat(1_000)}`, 1],
    ['its body, in chunks', `${head}Transfer-Encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(1_000)}`, 100_000],
  ])('ends a connection: %s (E151)', async (_name, text, size) => {
    await using server = await startServer();
    const connection = await new RawConnection(server).opened();
    for (let at = 0; at < text.length && connection.socket.writable; at += size) {
      // One after the other: what is written at once becomes one record.
      await new Promise(resolve => connection.socket.write(text.slice(at, at + size), resolve));
    }
    expect(await connection.untilClosed()).toBe('');
    expect(await refused(server, 'pieces')).toBe(1);
  });
});

describe('Answers', () => {
  // Several times what the buffers of both ends of a loopback connection hold.
  const body = JSON.stringify({ padding: 'x'.repeat(30_000_000) });
  const reviewer: Reviewer = { review: () => ({ kind: 'answered', body, decision: mutated }) };
  const limits = { answerBytesInFlight: 60_000_000 };

  /** A connection that asks and does not read. */
  async function askWithoutReading(server: RunningServer, localAddress: string): Promise<Peer> {
    const peer = await Peer.open(server, localAddress);
    peer.socket.pause();
    peer.socket.write(request);
    return peer;
  }

  test('that nobody takes are cut, and counted (E153)', async () => {
    await using server = await startServer({ reviewer, limits: { ...limits, answerMs: 300, checkIntervalMs: 50 } });
    const slow = await askWithoutReading(server, '127.0.0.2');
    await waitFor(async () => (await refused(server, 'answer_not_taken')) === 1, { what: 'the cut' });
    slow.socket.resume();
    await waitFor(() => slow.isClosed, { what: 'the end of the connection' });
    expect(slow.received.length).toBeLessThan(body.length);
    expect(await server.metric(inFlight)).toBe(0);
  });

  test('that nobody takes make way for those of others (E152, E153)', async () => {
    // One that is sent whole, and half of another.
    await using server = await startServer({ reviewer, limits: { answerBytesInFlight: 45_000_000 } });
    const slow = await askWithoutReading(server, '127.0.0.2');
    await waitFor(async () => (await server.metric(inFlight)) === 1, { what: 'the request' });
    expect((await send(server, { body: review, host: '127.0.0.1' })).status).toBe(503);
    await waitFor(async () => (await send(server, { body: review, host: '127.0.0.1' })).status === 200, {
      what: 'an answer',
    });
    slow.socket.resume();
    await waitFor(() => slow.isClosed, { what: 'the end of the connection' });
    expect(await refused(server, 'answer_bytes')).toBeGreaterThan(0);
  });

  test('of any length come whole to whoever reads them', async () => {
    await using server = await startServer({ reviewer, limits });
    const answer = await send(server, { body: review });
    expect(answer.body).toBe(body);
  });
});
