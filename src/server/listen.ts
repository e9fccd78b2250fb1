import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { App } from './create-app.ts';

/**
 * libuv accepts one connection of a listener in each round of the event loop (https://github.com/libuv/libuv/pull/3696). A round
 * takes milliseconds under load, so that a probe or a new connection of an API server would wait behind each one of somebody
 * who opens hundreds. With more listeners of the same port, as many are accepted in a round; which of them begin is decided in
 * `accept.ts`.
 */
const listenersPerPort = 32;

/**
 * Connections that wait in the kernel for one listener: a new one waits for as many rounds at most. Where there is no place for
 * it, its client tries again after 1 s.
 */
const backlog = 16;

/** Several sockets can listen on one port where the kernel shares it out: https://nodejs.org/api/net.html#serverlistenoptions-callback */
const canShareAPort: boolean = process.platform === 'linux';

export interface ListenAddress {
  /** An IP address, or undefined for all, IPv6 and IPv4. */
  readonly address: string | undefined;
  /** 0 for any free one. */
  readonly port: number;
  /** The flag that sets the port, for the message when it cannot be had. */
  readonly portFlag: string;
}

/** A listener that cannot be opened; the message is one line for the operator. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Opens the listener and returns its address. Rejects with a ListenError. */
export async function listen(app: App, wanted: ListenAddress): Promise<AddressInfo> {
  // `::` takes IPv4 as well (dual stack), unless the machine has no IPv6 (E145).
  const hosts = wanted.address === undefined ? ['::', '0.0.0.0'] : [wanted.address];
  return listenOnFirst(app, hosts, wanted);
}

/** Listens on the first of the hosts that this machine has. Rejects with a ListenError. */
export async function listenOnFirst(app: App, hosts: readonly string[], wanted: ListenAddress): Promise<AddressInfo> {
  let failure: unknown;
  for (const host of hosts) {
    try {
      await checkPortIsFree(host, wanted.port);
      // Fastify hands all of them on to Node.js, and its types know of some.
      const options = { host, port: wanted.port, backlog, reusePort: canShareAPort };
      await app.fastify.listen(options);
      const address = addressOf(app);
      app.moreListeners.push(...(await openMoreListeners(app.server, address)));
      return address;
    } catch (error) {
      failure = new ListenError(describe(error, host, wanted), { cause: error });
      if (!isAddressMissing(error)) throw failure;
    }
  }
  throw failure;
}

function addressOf({ server }: App): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError(`expected an IP address, found ${address}`);
  return address;
}

/** Rejects as listening does when somebody else has the port, which sharing it would hide. */
async function checkPortIsFree(host: string, port: number): Promise<void> {
  if (port === 0 || !canShareAPort) return;
  const server = createServer();
  const listening = once(server, 'listening');
  server.listen({ host, port });
  await listening;
  const closed = once(server, 'close');
  server.close();
  await closed;
}

/** Opens the other listeners of this address, whose connections are those of the server. */
async function openMoreListeners(server: Server, { address, port }: AddressInfo): Promise<readonly Server[]> {
  if (!canShareAPort) return [];
  const more = Array.from({ length: listenersPerPort - 1 }, () =>
    // As the HTTP server's own.
    createServer({ allowHalfOpen: true, noDelay: true }, socket => server.emit('connection', socket)),
  );
  await Promise.all(more.map(listener => shareThePort(listener, address, port)));
  for (const listener of more) listener.on('error', error => server.emit('error', error));
  return more;
}

async function shareThePort(listener: Server, host: string, port: number): Promise<void> {
  const listening = once(listener, 'listening');
  listener.listen({ host, port, backlog, reusePort: true });
  await listening;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** No IPv6 in the kernel, or none configured. */
function isAddressMissing(error: unknown): boolean {
  return ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(codeOf(error));
}

function describe(error: unknown, host: string, { port, portFlag }: ListenAddress): string {
  const code = codeOf(error);
  const where = `cannot listen on ${host.includes(':') ? `[${host}]` : host}:${port} (${code})`;
  switch (code) {
    case 'EACCES':
      return (
        `${where}: a process without root needs the capability NET_BIND_SERVICE for ports below 1024, or the sysctl ` +
        `net.ipv4.ip_unprivileged_port_start=0; or choose a higher port with ${portFlag}, for example ${portFlag}=8443`
      );
    case 'EADDRINUSE':
      return `${where}: another process listens there; end it, or choose another port with ${portFlag}`;
    case 'EADDRNOTAVAIL':
      return `${where}: this machine does not have that address`;
    default:
      return `${where}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
