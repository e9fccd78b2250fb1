import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { FairQueue } from '../util/fair-queue.ts';
import type { Connection, Connections } from './connections.ts';

/**
 * How many TLS handshakes begin in one round of the event loop. One takes about 1 ms of processor time, and all those that are
 * ready are done in the same round: 1,200 at once held up the reviews of others for 0.5 s.
 */
export const handshakesPerRound = 8;

/**
 * Gives each new connection its place, and begins at most `perRound` in each round of the event loop: their peers take turns.
 * Call it before anything else listens for connections.
 */
export function acceptInTurn(server: Server, connections: Connections, perRound: number): void {
  // What the server itself does with a connection: the TLS handshake, or HTTP at once.
  const begin = server.listeners('connection');
  server.removeAllListeners('connection');
  const pace = createPace(perRound, ({ socket }) => {
    for (const listener of begin) Reflect.apply(listener, server, [socket]);
  });
  server.on('connection', (socket: Socket) => {
    const connection = connections.add(socket);
    if (connection !== undefined) pace(connection);
  });
  server.on('secureConnection', (socket: Socket) => connections.secured(socket));
}

/** Returns what begins a connection now, or in a later round when enough have begun in this one. */
function createPace(perRound: number, begin: (connection: Connection) => void): (connection: Connection) => void {
  const waiting = new FairQueue<Connection>();
  let begun = 0;
  const beginNow = (connection: Connection): void => {
    if (begun === 0) setImmediate(nextRound);
    begun += 1;
    connection.socket.off('error', ignore);
    if (!connection.socket.destroyed) begin(connection);
  };
  const nextRound = (): void => {
    begun = 0;
    for (let place = 0; place < perRound; place += 1) {
      const connection = waiting.shift();
      if (connection === undefined) return;
      beginNow(connection);
    }
  };
  return connection => {
    // Without a listener the error of a connection that is reset while it waits would end the process.
    connection.socket.on('error', ignore);
    if (begun < perRound && waiting.size === 0) beginNow(connection);
    else waiting.push({ peer: connection.peer, namespace: '' }, connection);
  };
}

function ignore(): void {}
