import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createTurns } from '../../src/server/turns.ts';

describe('createTurns()', () => {
  test('gives one turn in each round of the event loop, in the order of asking', async () => {
    const turn = createTurns();
    const events: string[] = [];
    const done = ['a', 'b', 'c'].map(async name => {
      await turn();
      events.push(name);
    });
    for (let round = 0; round < 3; round += 1) {
      await setImmediate();
      events.push('other');
    }
    await Promise.all(done);
    expect(events).toEqual(['a', 'other', 'b', 'other', 'c', 'other']);
  });

  test('gives turns again after all have had theirs', async () => {
    const turn = createTurns();
    await turn();
    await setImmediate();
    await Promise.all([turn(), turn()]);
  });
});
