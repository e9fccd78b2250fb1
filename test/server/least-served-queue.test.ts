import { describe, expect, test } from 'vitest';
import { LeastServedQueue } from '../../src/server/accept.ts';

function createQueue(): { queue: LeastServedQueue<string>; clock: { nowMs: number }; rest: () => readonly string[] } {
  const clock = { nowMs: 0 };
  const queue = new LeastServedQueue<string>({ halfLifeMs: 1_000, now: () => clock.nowMs });
  const rest = (): readonly string[] => {
    const items: string[] = [];
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
    return items;
  };
  return { queue, clock, rest };
}

describe('shift()', () => {
  test('returns nothing when nothing waits', () => {
    const { queue } = createQueue();
    expect(queue.shift()).toBeUndefined();
    expect(queue.size).toBe(0);
  });

  test('gives turns to groups, and keeps the order within each', () => {
    const { queue, rest } = createQueue();
    for (const item of ['a1', 'a2', 'a3', 'b1', 'b2']) queue.push(item.charAt(0), item);
    expect(queue.size).toBe(5);
    expect(rest()).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  });

  test('lets a group that was served little go first until it was served as much', () => {
    const { queue, rest } = createQueue();
    for (let count = 0; count < 3; count += 1) queue.noteServed('busy');
    for (const item of ['busy1', 'busy2', 'quiet1', 'quiet2', 'quiet3', 'quiet4']) {
      queue.push(item.replace(/\d/, ''), item);
    }
    expect(rest()).toEqual(['quiet1', 'quiet2', 'quiet3', 'busy1', 'quiet4', 'busy2']);
  });

  test('forgets what was served long ago', () => {
    const { queue, clock, rest } = createQueue();
    for (let count = 0; count < 4; count += 1) queue.noteServed('once');
    clock.nowMs = 3_000;
    queue.noteServed('lately');
    queue.push('lately', 'lately');
    queue.push('once', 'once');
    expect(rest()).toEqual(['once', 'lately']);
  });

  test('remembers no more than some thousand groups, and loses none that waits', () => {
    const { queue, rest } = createQueue();
    queue.push('first', 'first');
    for (let count = 0; count < 5_000; count += 1) queue.noteServed(`group-${count}`);
    expect(rest()).toEqual(['first']);
  });
});
