import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below 32768, from where Linux takes the ports of outgoing connections and of `listen(0)`: so nobody gets it by chance while
 * a server restarts on it. Above the well-known ones.
 */
const range = { first: 20_000, size: 12_000 } as const;

/** A free TCP port of 127.0.0.1 that the kernel does not give to others. */
export async function findFreePort(random: () => number = Math.random): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = range.first + Math.floor(random() * range.size);
    if (await isFree(port)) return port;
  }
  throw new Error(
    `expected a free port from ${range.first} to ${range.first + range.size}, found none in 100 attempts`,
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
