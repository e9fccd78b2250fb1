import { createServer } from 'node:http';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { createApp, httpOptions, type App } from '../../src/server/create-app.ts';
import { operationsLimits } from '../../src/server/limits.ts';
import { listen, ListenError, listenOnFirst } from '../../src/server/listen.ts';

const apps: App[] = [];

function app(): App {
  const silent = (): void => undefined;
  const created = createApp(createServer(httpOptions(operationsLimits)), {
    routes: new Map(),
    limits: operationsLimits,
    observer: { requestStarted: silent, requestEnded: silent, refused: silent },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    now: () => 0,
  });
  apps.push(created);
  return created;
}

afterEach(async () => {
  for (const { fastify } of apps.splice(0)) await fastify.close();
});

const wanted = { address: undefined, port: 0, portFlag: '--port' };
// Documentation addresses (RFC 3849, RFC 5737): no machine has them.
const absent = ['2001:db8::1', '192.0.2.1'];

describe('listenOnFirst()', () => {
  test('takes the next address when the machine does not have the first: no IPv6 (E145)', async () => {
    const address = await listenOnFirst(app(), ['2001:db8::1', '127.0.0.1'], wanted);
    expect(address).toMatchObject({ address: '127.0.0.1', family: 'IPv4' });
  });

  test('says which address it could not have at last (E145)', async () => {
    await expect(listenOnFirst(app(), absent, wanted)).rejects.toThrow(
      'cannot listen on 192.0.2.1:0 (EADDRNOTAVAIL): this machine does not have that address',
    );
  });
});

describe('listen()', () => {
  test('gives the port that it got for port 0', async () => {
    expect((await listen(app(), wanted)).port).toBeGreaterThan(0);
  });

  test('accepts many connections in one round of the event loop', async () => {
    const listening = app();
    const { port } = await listenOnFirst(listening, ['127.0.0.1'], wanted);
    const sockets = Array.from({ length: 60 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    let rounds = 0;
    for (; rounds < 1_000 && listening.connections.size < sockets.length; rounds += 1) await setImmediate();
    for (const socket of sockets) socket.destroy();
    expect(rounds).toBeLessThan(40);
  });

  test('says in one line that a port is taken, with the flag that changes it (E146)', async () => {
    const { port } = await listen(app(), wanted);
    const error = await listen(app(), { ...wanted, port, portFlag: '--metrics-port' }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(ListenError);
    expect(String(error)).toBe(
      `ListenError: cannot listen on [::]:${port} (EADDRINUSE): another process listens there; end it, or choose another port ` +
        'with --metrics-port',
    );
  });

  test('says what to do about port 443 without root (E146)', async () => {
    const refusing = app();
    // Tests run as root on some machines, where the kernel never refuses: the same error as from the system call.
    refusing.server.listen = () => {
      const error = Object.assign(new Error('listen EACCES: permission denied :::443'), { code: 'EACCES' });
      queueMicrotask(() => refusing.server.emit('error', error));
      return refusing.server;
    };
    await expect(listen(refusing, { ...wanted, port: 443 })).rejects.toThrow(
      'cannot listen on [::]:443 (EACCES): a process without root needs the capability NET_BIND_SERVICE for ports below ' +
        '1024, or the sysctl net.ipv4.ip_unprivileged_port_start=0; or choose a higher port with --port, for example --port=8443',
    );
  });
});
