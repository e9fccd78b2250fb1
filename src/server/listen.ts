import type { AddressInfo } from 'node:net';
import type { App } from './create-app.ts';
import { backlog, canShareAPort, checkPortIsFree, openMoreListeners } from './more-listeners.ts';

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

/** Opens the listener and gives its address. Rejects with a ListenError. */
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
