import type { ServerResponse } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import type { Refusals } from './limits.ts';

/** What the open connections of a listener may be. */
export interface ConnectionLimits {
  readonly connections: number;
  /** So many more are accepted to be told to come again; all beyond are closed at once. */
  readonly surplusConnections: number;
  /** A peer with no more than this loses none to others. */
  readonly connectionsKept: number;
  /** How long an answer may take to leave, from its first byte on. */
  readonly answerMs: number;
}

/** An open connection, from its first byte on, TLS handshake included. */
export class Connection {
  readonly peer: string;
  /** True when the connection is one too many. */
  isSurplus = false;
  /** Since when nothing has been heard: no request has begun, or ended. */
  sinceMs: number;
  readonly socket: Socket;
  #response: ServerResponse | undefined;
  #answeringSinceMs: number | undefined;

  constructor(socket: Socket, nowMs: number) {
    this.socket = socket;
    this.peer = peerOf(socket.remoteAddress);
    this.sinceMs = nowMs;
  }

  /** True while a request has not been answered to the end. */
  get owesAnswer(): boolean {
    return this.#response !== undefined && !this.#response.writableEnded;
  }

  /** True while a whole request has not been answered to the end: what comes behind it is not part of it. */
  get owesCompleteRequest(): boolean {
    return this.owesAnswer && this.#response?.req.complete === true;
  }

  /** True while a whole request is being worked on. */
  get isAtWork(): boolean {
    return this.owesCompleteRequest && this.#response?.headersSent === false;
  }

  /** A request begins. */
  begin(response: ServerResponse, nowMs: number): void {
    this.#response = response;
    this.#answeringSinceMs = undefined;
    this.sinceMs = nowMs;
  }

  /** The answer has left, or never will. */
  end(response: ServerResponse, nowMs: number): void {
    if (this.#response === response) this.#response = undefined;
    this.#answeringSinceMs = undefined;
    this.sinceMs = nowMs;
  }

  /** How long the answer has been leaving, to the interval at which this is asked. */
  answeringMs(nowMs: number): number {
    if (this.#response?.headersSent !== true) return 0;
    this.#answeringSinceMs ??= nowMs;
    return nowMs - this.#answeringSinceMs;
  }
}

export interface ConnectionsOptions {
  readonly limits: ConnectionLimits;
  readonly refusals: Refusals;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/**
 * The open connections of a listener. Their places are shared by peer: when there are too many, the peer with most connections
 * loses the one that has been silent for longest. So nobody can take the places of others. kube-apiserver keeps 25 idle
 * connections and does not repeat a POST on one that was closed; it loses none.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #open = new Set<Connection>();
  /** The same, by peer. */
  readonly #peers = new Map<string, Set<Connection>>();
  /** By their sockets, and for TLS by the sockets on top of them. */
  readonly #bySocket = new WeakMap<Socket, Connection>();
  /** By addresses and ports, for the TLS socket on top. */
  readonly #byName = new Map<string, Connection>();
  readonly #whenEnded: (() => void)[] = [];

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** The connection of a request. */
  of(socket: Socket): Connection | undefined {
    return this.#bySocket.get(socket);
  }

  /** Accepts a new connection; undefined when there is no place for it, and then it is closed. */
  add(socket: Socket): Connection | undefined {
    const connection = new Connection(socket, this.#options.now());
    const name = nameOf(socket);
    this.#open.add(connection);
    this.#peers.set(connection.peer, (this.#peers.get(connection.peer) ?? new Set()).add(connection));
    this.#bySocket.set(socket, connection);
    this.#byName.set(name, connection);
    socket.once('close', () => {
      if (this.#byName.get(name) === connection) this.#byName.delete(name);
      this.#remove(connection);
    });
    if (this.#findPlace(connection)) return connection;
    this.#refuse(connection);
    return undefined;
  }

  /** The TLS socket speaks for the connection that it came on. */
  secured(socket: Socket): void {
    const connection = this.#byName.get(nameOf(socket));
    if (connection !== undefined) this.#bySocket.set(socket, connection);
  }

  /** True when there are too many connections, and its peer has more of them than it may keep. */
  mustComeAgain({ isSurplus, peer }: Connection): boolean {
    return isSurplus && (this.#peers.get(peer)?.size ?? 0) > this.#options.limits.connectionsKept;
  }

  /** Cuts the connections whose readers have not taken their answer in time. */
  cutSlowReaders(): void {
    const { limits, now, refusals } = this.#options;
    const nowMs = now();
    for (const connection of this.#open) {
      if (connection.answeringMs(nowMs) < limits.answerMs) continue;
      refusals.add('answer_not_taken', connection.peer);
      connection.socket.destroy();
    }
  }

  /** Resolves when no connection is open. */
  ended(): Promise<void> {
    return this.size === 0 ? Promise.resolve() : new Promise(resolve => this.#whenEnded.push(resolve));
  }

  /** Cuts all, and returns how many there were. */
  cutAll(): number {
    const { size } = this.#open;
    for (const { socket } of this.#open) socket.destroy();
    return size;
  }

  #findPlace(connection: Connection): boolean {
    const { connections, connectionsKept, surplusConnections } = this.#options.limits;
    if (this.size <= connections) return true;
    if (this.#refuseOneOf([...this.#peers.values()], connection, connectionsKept)) return true;
    // All peers have few. The connection is served all the same where its peer has no more than it may keep.
    connection.isSurplus = true;
    if (this.size <= connections + surplusConnections) return true;
    const surplus = Map.groupBy(this.#open, ({ isSurplus, peer }) => (isSurplus ? peer : undefined));
    surplus.delete(undefined);
    return this.#refuseOneOf(
      [...surplus.values()].map(connections => new Set(connections)),
      connection,
      0,
    );
  }

  /** Closes a connection of the peer that has most of them; false when no peer has more than it may keep. */
  #refuseOneOf(peers: readonly ReadonlySet<Connection>[], newest: Connection, kept: number): boolean {
    const loser = findLoser(peers, newest, kept, this.#options.limits.connections / 2);
    if (loser === undefined) return false;
    this.#refuse(loser);
    return true;
  }

  #refuse(connection: Connection): void {
    this.#options.refusals.add('connections', connection.peer);
    this.#remove(connection);
    connection.socket.destroy();
  }

  #remove(connection: Connection): void {
    this.#open.delete(connection);
    const peer = this.#peers.get(connection.peer);
    peer?.delete(connection);
    if (peer?.size === 0) this.#peers.delete(connection.peer);
    if (this.size > 0) return;
    for (const resolve of this.#whenEnded.splice(0)) resolve();
  }
}

/** The longest silent connection of the peer that has most; undefined when no peer has more than it may keep. */
function findLoser(
  peers: readonly ReadonlySet<Connection>[],
  newest: Connection,
  kept: number,
  many: number,
): Connection | undefined {
  const most = Math.max(...peers.map(({ size }) => size));
  if (most <= kept) return undefined;
  const theirs = peers.filter(({ size }) => size === most).flatMap(connections => [...connections]);
  const silent = longestSilent(theirs.filter(candidate => candidate !== newest && !candidate.isAtWork));
  if (silent !== undefined || most <= many) return silent;
  // Nobody needs so many for work: an API server has at most 200 requests in flight by default.
  return longestSilent(theirs.filter(({ peer }) => peer !== newest.peer));
}

function longestSilent(candidates: readonly Connection[]): Connection | undefined {
  let [longest] = candidates;
  for (const candidate of candidates) {
    if (longest === undefined || candidate.sinceMs < longest.sinceMs) longest = candidate;
  }
  return longest;
}

/** Unique among the connections that are open. */
function nameOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}

/** Of an IPv6 address, the first four of eight groups: one host may have all addresses of such a network. */
const networkGroups = 4;

/**
 * Who counts as one caller among those that connect: an IPv4 address, or the /64 network of an IPv6 address. IPv4 on a socket
 * that takes both (`::ffff:10.0.0.1`) is IPv4. Empty for a socket that has no address any more.
 */
function peerOf(remoteAddress: string | undefined): string {
  const address = remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::', 2);
  const headGroups = head === '' ? [] : head.split(':');
  const tailGroups = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - headGroups.length - tailGroups.length;
  const groups = [...headGroups, ...new Array<string>(Math.max(0, zeros)).fill('0'), ...tailGroups];
  return `${groups.slice(0, networkGroups).join(':')}::/64`;
}
