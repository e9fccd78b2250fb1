import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { acceptInTurn } from '../../src/server/accept.ts';
import { Connections } from '../../src/server/connections.ts';
import { waitFor } from '../support/wait-for.ts';
import { socketOf } from './client.ts';

/** A server that only notes which connections begin. */
function createAcceptingServer(
  connections = 1_000,
  pace = { perRound: 4, perSecond: 1_000, burst: 1_000 },
): { server: Server; begun: string[]; clock: { nowMs: number } } {
  const clock = { nowMs: 0 };
  const server = createServer();
  const begun: string[] = [];
  server
    .removeAllListeners('connection')
    .on('connection', ({ remoteAddress = '' }: Socket) => begun.push(remoteAddress));
  const limits = { connections, surplusConnections: 0, connectionsKept: 1_000, answerMs: 1_000 };
  acceptInTurn(server, new Connections({ limits, refusals: { add: () => undefined }, now: () => 0 }), {
    ...pace,
    now: () => clock.nowMs,
  });
  return { server, begun, clock };
}

describe('acceptInTurn()', () => {
  test('begins a connection at once when nothing waits', () => {
    const { server, begun } = createAcceptingServer();
    server.emit('connection', socketOf('10.0.0.1'));
    expect(begun).toEqual(['10.0.0.1']);
  });

  test('begins as many as it may in each round of the event loop, whoever has opened fewest first (E164)', async () => {
    const { server, begun } = createAcceptingServer();
    for (let count = 0; count < 9; count += 1) server.emit('connection', socketOf('10.0.0.1'));
    server.emit('connection', socketOf('10.0.0.2'));
    expect(begun.splice(0)).toHaveLength(4);
    await setImmediate();
    expect(begun.splice(0)).toEqual(['10.0.0.2', '10.0.0.1', '10.0.0.1', '10.0.0.1']);
    await setImmediate();
    expect(begun.splice(0)).toHaveLength(2);
  });

  test('begins no more in a second than it may, once a burst has begun (E164)', async () => {
    const { server, begun, clock } = createAcceptingServer(1_000, { perRound: 100, perSecond: 500, burst: 3 });
    for (let count = 0; count < 6; count += 1) server.emit('connection', socketOf('10.0.0.1'));
    expect(begun.splice(0)).toHaveLength(3);
    await setImmediate();
    expect(begun).toHaveLength(0);
    clock.nowMs = 4;
    await waitFor(() => begun.length > 0, { what: 'the next connections' });
    expect(begun).toHaveLength(2);
    clock.nowMs = 1_000;
    await waitFor(() => begun.length > 2, { what: 'the last connection' });
    expect(begun).toHaveLength(3);
  });

  test('begins none that has ended while it waited, however it ended', async () => {
    const { server, begun } = createAcceptingServer();
    const sockets = Array.from({ length: 8 }, () => socketOf('10.0.0.1'));
    for (const socket of sockets) server.emit('connection', socket);
    sockets[4]?.destroy(new Error('reset'));
    sockets[5]?.destroy();
    await setImmediate();
    await setImmediate();
    expect(begun).toHaveLength(6);
  });

  test('begins none for which there is no place', () => {
    const { server, begun } = createAcceptingServer(1);
    const sockets = [socketOf('10.0.0.1'), socketOf('10.0.0.2')];
    for (const socket of sockets) server.emit('connection', socket);
    expect(begun).toEqual(['10.0.0.1']);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, true]);
  });
});
