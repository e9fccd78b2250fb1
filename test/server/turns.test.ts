import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createLongTurns, createShortTurns } from '../../src/server/turns.ts';

const holderOf = (name: string): { peer: string; namespace: string } => ({ peer: 'api', namespace: name });

/** What happened in each round of the event loop. */
async function roundsOf(events: string[], count: number): Promise<readonly string[]> {
  const rounds: string[] = [];
  for (let round = 0; round < count; round += 1) {
    await setImmediate();
    rounds.push(events.splice(0).join(' '));
  }
  return rounds;
}

describe('createLongTurns()', () => {
  test('runs one after the other, a step in each round, and gives namespaces their turns (E160)', async () => {
    const turns = createLongTurns();
    const events: string[] = [];
    const done = ['a', 'a', 'a', 'b'].map((name, index) =>
      turns.run(holderOf(name), async step => {
        events.push(`${name}${index} begins`);
        await step();
        events.push(`${name}${index} ends`);
      }),
    );
    const rounds = await roundsOf(events, 16);
    await Promise.all(done);
    expect(rounds.filter(round => round !== '')).toEqual([
      'a0 begins',
      'a0 ends',
      'a1 begins',
      'a1 ends',
      'b3 begins',
      'b3 ends',
      'a2 begins',
      'a2 ends',
    ]);
  });

  test('goes on after work that fails', async () => {
    const turns = createLongTurns();
    const fails = turns.run(holderOf('a'), () => Promise.reject(new Error('broken')));
    const works = turns.run(holderOf('a'), () => Promise.resolve('done'));
    await expect(fails).rejects.toThrow('broken');
    expect(await works).toBe('done');
    expect(await turns.run(holderOf('a'), () => Promise.resolve('again'))).toBe('again');
  });
});

describe('createShortTurns()', () => {
  test('gives 16 turns at once, and then as many in each round, one namespace after the other', async () => {
    const turns = createShortTurns(16);
    const events: string[] = [];
    const names = [...new Array<string>(40).fill('a'), 'b'];
    const done = names.map(async name => {
      await turns.next(holderOf(name));
      events.push(name);
    });
    await Promise.resolve();
    const atOnce = events.splice(0);
    const rounds = await roundsOf(events, 3);
    await Promise.all(done);
    expect([atOnce.join(' '), ...rounds]).toEqual([repeat('a', 16), `a b ${repeat('a', 14)}`, repeat('a', 9), '']);
  });

  test('gives a turn at once after all have had theirs', async () => {
    const turns = createShortTurns(16);
    const waits = Array.from({ length: 40 }, () => turns.next(holderOf('a')));
    await Promise.all(waits.filter(wait => wait !== undefined));
    await setImmediate();
    expect(turns.next(holderOf('a'))).toBeUndefined();
  });
});

function repeat(name: string, times: number): string {
  return new Array<string>(times).fill(name).join(' ');
}
