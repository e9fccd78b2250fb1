import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairLimit, type PlaceAnswer } from '../../src/util/fair-limit.ts';

const needed = (): boolean => true;

interface NotedLimit {
  readonly enter: (group: string, stillNeeded?: () => boolean) => void;
  readonly enterAll: (group: string, count: number) => void;
  readonly leave: (group: string) => void;
  /** What was told since the last call, in order, as `group number admission`. */
  readonly news: () => readonly string[];
}

function limitOf(places: number, queued: number): NotedLimit {
  const limit = new FairLimit(places, queued);
  const told: string[] = [];
  const asked = new Map<string, number>();
  const enter: NotedLimit['enter'] = (group, stillNeeded = needed) => {
    const number = (asked.get(group) ?? 0) + 1;
    asked.set(group, number);
    limit.enter(group, stillNeeded, admission => told.push(`${group}${number} ${admission}`));
  };
  return {
    enter,
    enterAll(group, count) {
      for (let index = 0; index < count; index += 1) enter(group);
    },
    leave: group => limit.leave(group),
    news: () => told.splice(0),
  };
}

describe('FairLimit', () => {
  test('admits as many as there are places, then in the order in which they asked', () => {
    const { enterAll, leave, news } = limitOf(2, 10);
    enterAll('a', 4);
    expect(news()).toEqual(['a1 entered', 'a2 entered']);
    leave('a');
    leave('a');
    expect(news()).toEqual(['a3 entered', 'a4 entered']);
  });

  test('gives all places to one group while no other waits', () => {
    const { enterAll, news } = limitOf(8, 10);
    enterAll('a', 8);
    expect(news()).toHaveLength(8);
  });

  test('gives the next place to another group when one has more than half of them', () => {
    const { enter, enterAll, leave, news } = limitOf(4, 100);
    enterAll('a', 50);
    news();
    enter('b');
    leave('a');
    expect(news()).toEqual(['b1 entered']);
  });

  test('gives no group more than half of the places while others wait', () => {
    const { enterAll, leave, news } = limitOf(4, 100);
    enterAll('a', 20);
    enterAll('b', 20);
    news();
    for (let index = 0; index < 6; index += 1) leave(index < 4 ? 'a' : 'b');
    expect(news()).toEqual(['b1 entered', 'b2 entered', 'a5 entered', 'a6 entered', 'b3 entered', 'b4 entered']);
  });

  test('lets waiting groups take turns', () => {
    const { enter, enterAll, leave, news } = limitOf(10, 100);
    enterAll('x', 10);
    enterAll('a', 3);
    enter('b');
    enterAll('c', 2);
    news();
    for (let index = 0; index < 6; index += 1) leave('x');
    expect(news()).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3'].map(name => `${name} entered`));
  });

  test.each([
    { name: 'the newest of the group that waits most', waiting: 'aaab', next: 'b', refused: 'a4' },
    { name: 'the newest of the group that waits most, for a new group', waiting: 'aabb', next: 'c', refused: 'a3' },
    { name: 'who asks, when its group waits most', waiting: 'aaab', next: 'a', refused: 'a5' },
    { name: 'who asks, when its group would wait as long as any', waiting: 'aabb', next: 'b', refused: 'b3' },
    { name: 'who asks, when all wait alike', waiting: 'abcd', next: 'e', refused: 'e1' },
  ])('refuses $name, when the queue is full', ({ waiting, next, refused }) => {
    const { enter, enterAll, news } = limitOf(1, 4);
    enterAll('a', 1);
    for (const group of waiting) enter(group);
    news();
    enter(next);
    expect(news()).toEqual([`${refused} full`]);
  });

  test('admits again when there is room', () => {
    const { enterAll, leave, news } = limitOf(1, 1);
    enterAll('a', 3);
    expect(news()).toEqual(['a1 entered', 'a3 full']);
    leave('a');
    leave('a');
    enterAll('a', 1);
    expect(news()).toEqual(['a2 entered', 'a4 entered']);
  });

  test('passes over those whom nobody needs any more, who do not use up the turn of their group', () => {
    const { enter, enterAll, leave, news } = limitOf(4, 10);
    enterAll('x', 4);
    enter('a', () => false);
    enterAll('a', 1);
    enterAll('b', 1);
    enter('c', () => false);
    news();
    leave('x');
    expect(news()).toEqual(['a1 not_needed', 'a2 entered']);
    leave('x');
    leave('x');
    expect(news()).toEqual(['b1 entered', 'c1 not_needed']);
    enterAll('c', 1);
    expect(news()).toEqual(['c2 entered']);
  });

  test('serves a group that asks for one after the next read of 900 of another (E156)', () => {
    const { enter, enterAll, leave, news } = limitOf(32, 2_000);
    enterAll('loud', 900);
    enter('quiet');
    news();
    leave('loud');
    expect(news()).toEqual(['quiet1 entered']);
  });

  test('keeps its promises whoever comes and goes', () => {
    const group = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.record({ does: fc.constantFrom('enter', 'enter', 'leave'), group, needed: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(8), fc.array(step, { maxLength: 200 }), keepsPromises),
    );
  });
});

interface Step {
  readonly does: string;
  readonly group: string;
  readonly needed: boolean;
}

/** A plain list of all that wait, to compare with. */
function keepsPromises(places: number, queued: number, steps: readonly Step[]): void {
  const limit = new FairLimit(places, queued);
  const running = new Map<string, number>();
  const waiting: { readonly group: string; readonly needed: boolean; hasWaited: boolean }[] = [];
  const count = (group: string): number => waiting.filter(waiter => waiter.group === group).length;
  const total = (): number => [...running.values()].reduce((sum, more) => sum + more, 0);

  const tell = (waiter: (typeof waiting)[number], admission: PlaceAnswer): void => {
    const index = waiting.indexOf(waiter);
    expect(index).not.toBe(-1);
    const ofGroup = waiting.filter(({ group }) => group === waiter.group);
    if (admission === 'full') {
      expect(waiter).toBe(ofGroup.at(-1));
      for (const { group } of waiting) expect(ofGroup.length).toBeGreaterThanOrEqual(count(group));
    } else {
      expect(waiter).toBe(ofGroup[0]);
      if (waiter.hasWaited) expect(admission).toBe(waiter.needed ? 'entered' : 'not_needed');
    }
    waiting.splice(index, 1);
    if (admission !== 'entered') return;
    const mine = (running.get(waiter.group) ?? 0) + 1;
    if (mine > places / 2) {
      const poorer = waiting.filter(other => other.needed && (running.get(other.group) ?? 0) + 1 <= places / 2);
      expect(poorer).toEqual([]);
    }
    running.set(waiter.group, mine);
    expect(total()).toBeLessThanOrEqual(places);
  };

  for (const { does, group, needed: isNeeded } of steps) {
    const mine = running.get(group) ?? 0;
    if (does === 'enter') {
      const waiter = { group, needed: isNeeded, hasWaited: false };
      waiting.push(waiter);
      limit.enter(
        group,
        () => isNeeded,
        admission => tell(waiter, admission),
      );
      waiter.hasWaited = true;
    } else if (mine > 0) {
      running.set(group, mine - 1);
      limit.leave(group);
    }
    expect(waiting.length).toBeLessThanOrEqual(queued);
    if (waiting.length > 0) expect(total()).toBe(places);
  }
}
