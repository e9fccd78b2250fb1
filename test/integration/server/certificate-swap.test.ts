import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect as connectPlain, createServer as createPlainServer, type Socket } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { reviewOf } from '../../admission/support.ts';
import { RawConnection, send } from '../../server/client.ts';
import { startLoad } from '../../server/load.ts';
import { startServer, type RunningServer } from '../../server/running-server.ts';

/** The fingerprint of the certificate that a new connection gets. */
async function servedFingerprint(server: RunningServer, options: ConnectionOptions = {}): Promise<string> {
  const socket = connect({ host: 'localhost', port: server.port, ca: server.authority.certificate, ...options });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate().fingerprint256;
  } finally {
    socket.destroy();
  }
}

describe('The serving certificate', () => {
  test('is swapped 100 times under load without a failed request, on new and on kept connections (E140)', async () => {
    await using server = await startServer();
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const body = reviewOf();
    const load = startLoad(4, async client => {
      const { status } = await send(server, { body, agent: client < 2 ? agent : false });
      expect(status).toBe(200);
    });
    for (let swap = 0; swap < 100; swap += 1) {
      server.certificates.set(server.issue());
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    for (const answered of await load.stop()) expect(answered).toBeGreaterThan(0);
    agent.destroy();
    expect(await servedFingerprint(server)).toBe(server.certificates.current()?.fingerprint);
  });

  test('stays the same on open connections (E140)', async () => {
    await using server = await startServer();
    const connection = await new RawConnection(server).opened();
    server.certificates.set(server.issue());
    connection.socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(await connection.untilClosed()).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  test('is not there at first: the server listens, is not ready, and serves as soon as there is one (E141)', async () => {
    await using server = await startServer({ withCertificate: false });
    await expect(servedFingerprint(server)).rejects.toThrow();
    server.certificates.set(server.issue());
    expect(await servedFingerprint(server)).toBe(server.certificates.current()?.fingerprint);
    expect((await send(server, { body: reviewOf() })).status).toBe(200);
  });

  test('of another key type is taken too (E140)', async () => {
    await using server = await startServer();
    server.certificates.set(server.authority.issue({ hosts: ['localhost'], keyType: 'rsa' }));
    expect(await servedFingerprint(server)).toBe(server.certificates.current()?.fingerprint);
  });

  test('changes nothing about the oldest version and the ciphers', async () => {
    const ciphers = 'ECDHE-ECDSA-AES256-GCM-SHA384';
    await using strict = await startServer({ minVersion: 'TLSv1.3' });
    await using chosen = await startServer({ minVersion: 'TLSv1.2', ciphers });
    for (let swap = 0; swap < 2; swap += 1) {
      await expect(servedFingerprint(strict, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/alert protocol version/);
      await expect(servedFingerprint(strict)).resolves.toBeTypeOf('string');
      await expect(servedFingerprint(chosen, { maxVersion: 'TLSv1.2' })).resolves.toBeTypeOf('string');
      await expect(
        servedFingerprint(chosen, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }),
      ).rejects.toThrow(/handshake failure/);
      strict.certificates.set(strict.issue());
      chosen.certificates.set(chosen.issue());
    }
  });

  test('that clients do not trust is reported in the log, once for many (E142)', async () => {
    await using server = await startServer();
    for (let attempt = 0; attempt < 5; attempt += 1) await refuseCertificate(server);
    const message = 'A client refused the TLS handshake: does its caBundle fit?';
    const warnings = (await server.logLines()).filter(({ msg }) => msg === message);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ level: 'warn', code: expect.stringContaining('ALERT_BAD_CERTIFICATE') });
  });
});

/** What Node.js as a client does not do: ends the handshake with the alert that a Go client sends, and kube-apiserver so. */
async function refuseCertificate(server: RunningServer): Promise<void> {
  const hello = await captureClientHello();
  const socket = connectPlain(server.port, 'localhost').on('error', () => undefined);
  socket.write(hello);
  await once(socket, 'data'); // the server's certificate
  const fatalBadCertificate = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x2a]);
  socket.write(fatalBadCertificate);
  socket.resume();
  await once(socket, 'close');
}

/** The first bytes of a TLS 1.2 client; later versions would encrypt the alert. */
async function captureClientHello(): Promise<Buffer> {
  const listener = createPlainServer().listen(0, 'localhost');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new TypeError(`expected an address, found ${address}`);
  const client = connect({ host: 'localhost', port: address.port, maxVersion: 'TLSv1.2' }).on('error', () => undefined);
  const [socket]: Socket[] = await once(listener, 'connection');
  if (socket === undefined) throw new Error('expected a connection, found none');
  const [hello]: Buffer[] = await once(socket, 'data');
  client.destroy();
  listener.close();
  return hello ?? Buffer.alloc(0);
}
