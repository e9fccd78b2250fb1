import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A replica as kube-proxy sees it: where it listens, and whether its probe says yes. */
export interface Backend {
  readonly port: number;
  readonly isReady: () => Promise<boolean>;
}

/** As the kubelet: a probe each second, which may take a second; one that is late counts from the third in a row on. */
const probeMs = 1_000;
const probeTimeoutMs = 1_000;
const lateProbes = 3;

/**
 * Stands for the Service of the webhook, and does as kube-proxy: a connection goes to one of the ready backends, chosen
 * when it is opened, and stays there. What a backend's probe says takes `lagMs` until it counts, as EndpointSlices do.
 * With no backend at all connections are reset.
 */
export interface Dialer extends AsyncDisposable {
  readonly port: number;
  add(backend: Backend): void;
  /** Backends that connections go to now. */
  readonly ready: () => number;
}

export async function startDialer(lagMs: number): Promise<Dialer> {
  const end = new AbortController();
  const ready = new Map<Backend, boolean>();
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, near => {
    const backends = [...ready].filter(([, isReady]) => isReady).map(([backend]) => backend);
    const chosen = backends[Math.floor(Math.random() * backends.length)];
    if (chosen === undefined) near.resetAndDestroy();
    else join(near, chosen.port, sockets);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    add(backend) {
      ready.set(backend, false);
      follow(backend, { ready, lagMs, signal: end.signal });
    },
    ready: () => [...ready.values()].filter(isReady => isReady).length,
    async [Symbol.asyncDispose]() {
      end.abort();
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Following {
  readonly ready: Map<Backend, boolean>;
  readonly lagMs: number;
  readonly signal: AbortSignal;
}

function follow(backend: Backend, { ready, lagMs, signal }: Following): void {
  let said = false;
  let late = 0;
  const probe = async (): Promise<void> => {
    const timeout = delay(probeTimeoutMs, 'late' as const, { ref: false });
    const answer = await Promise.race([backend.isReady(), timeout]).catch(() => false);
    late = answer === 'late' ? late + 1 : 0;
    const isReady = answer === 'late' ? said && late < lateProbes : answer;
    if (isReady === said || signal.aborted) return;
    said = isReady;
    setTimeout(() => ready.set(backend, isReady), lagMs).unref();
  };
  const timer = setInterval(() => void probe(), probeMs);
  void probe();
  signal.addEventListener('abort', () => clearInterval(timer));
}

/** Bytes, ends and resets pass as they come. */
function join(near: Socket, port: number, sockets: Set<Socket>): void {
  const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  near.setNoDelay(true);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    sockets.add(one);
    one.on('error', () => other.resetAndDestroy());
    one.on('close', () => {
      sockets.delete(one);
      if (!other.destroyed && !other.writableEnded) other.end();
    });
    one.pipe(other);
  }
}
