import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below 32768, from where Linux takes the ports of outgoing connections and of `listen(0)`: so nobody gets it by chance
 * while a server restarts on it. Above the well-known ones.
 */
const range = { first: 20_000, size: 12_000 } as const;
const maxDraws = 100;

/** Different free TCP ports of 127.0.0.1 that the kernel does not give to others. `random` gives numbers from 0 to 1. */
export async function findFreePorts(count: number, random: () => number = Math.random): Promise<readonly number[]> {
  const ports = new Set<number>();
  for (let draw = 0; draw < maxDraws && ports.size < count; draw += 1) {
    const port = range.first + Math.floor(random() * range.size);
    if (await isFree(port)) ports.add(port);
  }
  if (ports.size === count) return [...ports];
  const last = range.first + range.size - 1;
  throw new Error(
    `expected ${count} free ports from ${range.first} to ${last}, found ${ports.size} in ${maxDraws} draws`,
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
