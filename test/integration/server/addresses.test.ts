import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { reviewOf } from '../../admission/support.ts';
import { send } from '../../server/client.ts';
import { startServer } from '../../server/running-server.ts';

describe('startServing()', () => {
  test.each(['127.0.0.1', '::1'])('takes IPv6 and IPv4 without a bind address: %s (E145)', async host => {
    await using server = await startServer();
    expect((await send(server, { host, body: reviewOf() })).status).toBe(200);
  });

  test('takes only the bind address, if there is one (E145)', async () => {
    await using server = await startServer({ address: '127.0.0.1' });
    expect((await send(server, { host: '127.0.0.1', body: reviewOf() })).status).toBe(200);
    await expect(send(server, { host: '::1', body: reviewOf() })).rejects.toThrow(/ECONNREFUSED/);
  });

  test('fails in one line, with nothing left open, when a port is taken (E146)', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = addressOf(other.address());
    await expect(startServer({ address: '127.0.0.1', port })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port} (EADDRINUSE): another process listens there; ` +
        'end it, or choose another port with --port',
    );
    other.close();
  });
});

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new TypeError(`expected an address, found ${address}`);
  return address;
}
