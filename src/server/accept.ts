import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { LeastServedQueue } from '../util/least-served-queue.ts';
import type { Connection, Connections } from './connections.ts';

/**
 * How many TLS handshakes begin in one round of the event loop. One takes about 2 ms of processor time, and all those that are
 * ready are done in the same round: 1,200 at once held up the reviews of others for 0.5 s.
 */
export const handshakesPerRound = 2;

/** After this, a connection that began counts half: a caller that keeps its connections is soon as good as new. */
const halfLifeMs = 10_000;

export interface AcceptOptions {
  /** So many connections begin in one round of the event loop. */
  readonly perRound: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/**
 * Gives each new connection its place, and begins some in each round of the event loop: those of whoever opened fewest lately
 * are first. Call it before anything else listens for connections.
 */
export function acceptInTurn(server: Server, connections: Connections, options: AcceptOptions): void {
  // What the server itself does with a connection: the TLS handshake, or HTTP at once.
  const begin = server.listeners('connection');
  server.removeAllListeners('connection');
  const pace = createPace(options, ({ socket }) => {
    for (const listener of begin) Reflect.apply(listener, server, [socket]);
  });
  server.on('connection', (socket: Socket) => {
    const connection = connections.add(socket);
    if (connection !== undefined) pace(connection);
  });
  server.on('secureConnection', (socket: Socket) => connections.secured(socket));
}

/** Returns what begins a connection now, or in a later round when enough have begun in this one. */
function createPace(
  { perRound, now }: AcceptOptions,
  begin: (connection: Connection) => void,
): (connection: Connection) => void {
  const waiting = new LeastServedQueue<Connection>({ halfLifeMs, now });
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
    if (begun >= perRound || waiting.size > 0) return waiting.push(connection.peer, connection);
    waiting.noteServed(connection.peer);
    beginNow(connection);
  };
}

function ignore(): void {}
