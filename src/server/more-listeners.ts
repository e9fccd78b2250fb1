import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

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
export const backlog = 16;

/** Several sockets can listen on one port where the kernel shares it out: https://nodejs.org/api/net.html#serverlistenoptions-callback */
export const canShareAPort: boolean = process.platform === 'linux';

/** Rejects as listening does when somebody else has the port, which sharing it would hide. */
export async function checkPortIsFree(host: string, port: number): Promise<void> {
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
export async function openMoreListeners(server: Server, { address, port }: AddressInfo): Promise<readonly Server[]> {
  if (!canShareAPort) return [];
  const more = Array.from({ length: listenersPerPort - 1 }, () =>
    // As the HTTP server's own.
    createServer({ allowHalfOpen: true, noDelay: true }, socket => server.emit('connection', socket)),
  );
  await Promise.all(more.map(listener => listenBeside(listener, address, port)));
  for (const listener of more) listener.on('error', error => server.emit('error', error));
  return more;
}

async function listenBeside(listener: Server, host: string, port: number): Promise<void> {
  const listening = once(listener, 'listening');
  listener.listen({ host, port, backlog, reusePort: true });
  await listening;
}
