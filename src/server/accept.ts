import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { TokenBucket } from '../util/fair-bucket.ts';
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

export interface Group<T> {
  readonly items: T[];
  /** How many were served lately: half as much counts after each half-life. */
  served: number;
  /** When that was so. */
  atMs: number;
}

export interface LeastServedQueueOptions {
  readonly halfLifeMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Groups that do not wait are forgotten, the longest unserved first, when there are more than this. */
const maxGroups = 2_048;

/**
 * What waits for its turn, in groups: the group that was served least lately is next. Within a group the first to ask is first.
 * So a group that asks all the time does not take the turns of one that asks now and then.
 */
export class LeastServedQueue<T> {
  readonly #options: LeastServedQueueOptions;
  /** In the order in which they were served last. */
  readonly #groups = new Map<string, Group<T>>();
  readonly #waiting = new Set<Group<T>>();
  #size = 0;

  constructor(options: LeastServedQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  push(name: string, item: T): void {
    const group = this.#groupOf(name);
    group.items.push(item);
    this.#waiting.add(group);
    this.#size += 1;
  }

  /** Counts as served what did not have to wait. */
  noteServed(name: string): void {
    this.#serve(this.#groupOf(name));
  }

  /** The next item, which leaves the queue; undefined when nothing waits. */
  shift(): T | undefined {
    const nowMs = this.#options.now();
    let next: Group<T> | undefined;
    for (const group of this.#waiting) {
      if (next === undefined || this.#servedAt(group, nowMs) < this.#servedAt(next, nowMs)) next = group;
    }
    if (next === undefined) return undefined;
    this.#serve(next);
    this.#size -= 1;
    const item = next.items.shift();
    if (next.items.length === 0) this.#waiting.delete(next);
    return item;
  }

  #groupOf(name: string): Group<T> {
    const group = this.#groups.get(name) ?? { items: [], served: 0, atMs: this.#options.now() };
    this.#groups.delete(name);
    this.#groups.set(name, group);
    this.#forget();
    return group;
  }

  #serve(group: Group<T>): void {
    const nowMs = this.#options.now();
    group.served = this.#servedAt(group, nowMs) + 1;
    group.atMs = nowMs;
  }

  #servedAt({ served, atMs }: Group<T>, nowMs: number): number {
    return served * 0.5 ** ((nowMs - atMs) / this.#options.halfLifeMs);
  }

  #forget(): void {
    if (this.#groups.size <= maxGroups) return;
    for (const [name, group] of this.#groups) {
      if (group.items.length > 0) continue;
      this.#groups.delete(name);
      return;
    }
  }
}
