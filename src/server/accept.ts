import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { TokenBucket } from '../util/fair-bucket.ts';
import { LeastServedQueue } from '../util/least-served-queue.ts';
import type { Connection, Connections } from './connections.ts';
import type { Pace } from './limits.ts';

/** After this, a connection that began counts half: a caller that keeps its connections is soon as good as new. */
const halfLifeMs = 10_000;

export interface AcceptOptions extends Pace {
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/**
 * Finds a place for each new connection, and begins some in each round of the event loop: the peer that opened fewest lately comes
 * first. Call it before anything else listens for connections.
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
  { perRound, perSecond, burst, now }: AcceptOptions,
  begin: (connection: Connection) => void,
): (connection: Connection) => void {
  const waiting = new LeastServedQueue<Connection>({ halfLifeMs, now });
  const rate = new TokenBucket({ perSecond, burst, now });
  let begun = 0;
  let isScheduled = false;
  const hasRoom = (): boolean => {
    rate.fill();
    return rate.free >= 1;
  };
  const mayBegin = (): boolean => begun < perRound && hasRoom();
  const beginNow = (connection: Connection): void => {
    begun += 1;
    rate.take();
    connection.socket.off('error', ignore);
    if (!connection.socket.destroyed) begin(connection);
  };
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    if (hasRoom()) setImmediate(nextRound);
    else setTimeout(nextRound, 1_000 / perSecond);
  };
  const nextRound = (): void => {
    isScheduled = false;
    begun = 0;
    while (mayBegin()) {
      const connection = waiting.shift();
      if (connection === undefined) break;
      beginNow(connection);
    }
    if (begun > 0 || waiting.size > 0) schedule();
  };
  return connection => {
    // Without a listener the error of a connection that is reset while it waits would end the process.
    connection.socket.on('error', ignore);
    if (waiting.size > 0 || !mayBegin()) waiting.push(connection.peer, connection);
    else {
      waiting.noteServed(connection.peer);
      beginNow(connection);
    }
    schedule();
  };
}

function ignore(): void {}
