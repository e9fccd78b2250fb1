import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to the API server that can be cut. Only bytes pass, so TLS is between the two ends. */
export interface Gate extends AsyncDisposable {
  /** Takes the place of the API server's URL. */
  readonly url: string;
  /** Cuts all connections and refuses new ones. */
  shut(): void;
  open(): void;
  /** Cuts the connections that are there. */
  cut(): void;
  /** Lets nothing through any more, on old connections and new, without closing one: a peer that has vanished. */
  freeze(): void;
}

/** Starts a gate before the API server at this URL. */
export async function startGate(apiServer: string): Promise<Gate> {
  const { hostname, port } = new URL(apiServer);
  const sockets = new Set<Socket>();
  let state: 'open' | 'shut' | 'frozen' = 'open';
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined); // a reset is what a cut looks like
  };
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', chunk => {
      if (state === 'open') to.write(chunk);
    });
    from.on('close', () => to.destroy());
  };
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer(near => {
    if (state === 'shut') {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) track(socket);
    pass(near, far);
    pass(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shut() {
      state = 'shut';
      cut();
    },
    open() {
      // What was lost while it was frozen cannot be made up for.
      if (state === 'frozen') cut();
      state = 'open';
    },
    cut,
    freeze() {
      state = 'frozen';
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
