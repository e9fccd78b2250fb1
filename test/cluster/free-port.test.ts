import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { once } from 'node:events';
import { findFreePort } from './free-port.ts';

test('findFreePort() passes over a port that is taken', async () => {
  const taken = await findFreePort();
  const server = createServer().listen(taken, '127.0.0.1');
  await once(server, 'listening');
  const draws = [(taken - 20_000 + 0.5) / 12_000, 0.5];
  const found = await findFreePort(() => draws.shift() ?? Math.random());
  server.close();
  expect(found).not.toBe(taken);
});
