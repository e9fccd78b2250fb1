import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { findFreePorts } from './free-ports.ts';

/** The random number that stands for the port. */
const drawOf = (port: number): number => (port - 20_000 + 0.5) / 12_000;

describe('findFreePorts()', () => {
  test('passes over a port that is taken', async () => {
    const [taken = 0, free = 0] = await findFreePorts(2);
    const server = createServer().listen(taken, '127.0.0.1');
    await once(server, 'listening');
    const draws = [drawOf(taken), drawOf(free)];
    expect(await findFreePorts(1, () => draws.shift() ?? 0)).toEqual([free]);
    server.close();
  });

  test('gives different ports when the same is drawn twice', async () => {
    const [first = 0, second = 0] = await findFreePorts(2);
    const draws = [first, first, second].map(drawOf);
    expect(await findFreePorts(2, () => draws.shift() ?? 0)).toEqual([first, second]);
  });

  test('gives up when it draws none', async () => {
    const [first = 0] = await findFreePorts(1);
    await expect(findFreePorts(2, () => drawOf(first))).rejects.toThrow('found 1 in 100 draws');
  });
});
