import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createAgent } from '../../src/kubernetes/connection.ts';
import { exchange } from '../../src/kubernetes/exchange.ts';

test('exchange() rejects in time when the host takes the connection and never answers (fault 13)', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('expected a port');
  const url = new URL(`https://127.0.0.1:${address.port}/`);
  const { signal } = new AbortController();
  const credentials = { agent: createAgent(url, {}), headers: {} };
  await expect(exchange({ method: 'GET', url }, credentials, { signal, connectMs: 50 })).rejects.toThrow(
    'expected a connection within 50 ms',
  );
  server.close();
});
