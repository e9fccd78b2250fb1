import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below 32768, from where Linux takes the ports of outgoing connections and of `listen(0)`: so nobody gets it by chance
 * while a server restarts on it. Above the well-known ones.
 */
const range = { first: 20_000, size: 12_000 } as const;
const maxDraws = 100;

/**
 * Different free TCP ports of 127.0.0.1 that neither the kernel gives to others nor, as long as this process lives, this
 * function to anybody on this machine. `random` gives numbers from 0 to 1.
 */
export async function findFreePorts(count: number, random: () => number = Math.random): Promise<readonly number[]> {
  const ports = new Set<number>();
  for (let draw = 0; draw < maxDraws && ports.size < count; draw += 1) {
    const port = range.first + Math.floor(random() * range.size);
    if ((await isFree(port)) && (await claim(port))) ports.add(port);
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

/**
 * Between the draw and the moment at which a server listens, others draw too: of some hundred servers in a run of all tests
 * two met now and then. The UDP port of the same number, which no test needs, tells all processes that it is taken.
 */
async function claim(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind({ address: '127.0.0.1', port, exclusive: true });
    await once(socket, 'listening');
    socket.unref();
    return true;
  } catch {
    socket.close();
    return false;
  }
}
