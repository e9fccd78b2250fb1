import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findFreePorts } from './free-ports.ts';

/** The random number that stands for the port. */
const drawOf = (port: number): number => (port - 20_000 + 0.5) / 12_000;

/** Ports that another process has found, and given back by its end. */
async function givenBack(count: number): Promise<readonly number[]> {
  const path = join(import.meta.dirname, 'free-ports.ts');
  const program = `const { findFreePorts } = await import(${JSON.stringify(path)});
    console.log(JSON.stringify(await findFreePorts(${count})));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return JSON.parse(stdout);
}

describe('findFreePorts()', () => {
  test('passes over a port that is taken', async () => {
    const [taken = 0, free = 0] = await givenBack(2);
    const server = createServer().listen(taken, '127.0.0.1');
    await once(server, 'listening');
    const draws = [drawOf(taken), drawOf(free)];
    expect(await findFreePorts(1, () => draws.shift() ?? 0)).toEqual([free]);
    server.close();
  });

  test('gives no port twice, although nobody listens on it yet', async () => {
    const [first = 0, second = 0] = await givenBack(2);
    expect(await findFreePorts(1, () => drawOf(first))).toEqual([first]);
    const draws = [drawOf(first), drawOf(second)];
    expect(await findFreePorts(1, () => draws.shift() ?? 0)).toEqual([second]);
  });

  test('gives different ports when the same is drawn twice', async () => {
    const [first = 0, second = 0] = await givenBack(2);
    const draws = [first, first, second].map(drawOf);
    expect(await findFreePorts(2, () => draws.shift() ?? 0)).toEqual([first, second]);
  });

  test('gives up when it draws none', async () => {
    const [first = 0] = await givenBack(1);
    await expect(findFreePorts(2, () => drawOf(first))).rejects.toThrow('found 1 in 100 draws');
  });
});
