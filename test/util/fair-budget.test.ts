import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFairBudget, type Claim, type FairBudget } from '../../src/util/fair-budget.ts';

/** A budget of 100 bytes with a clock that a test sets, and who had to give way. */
function createBudget(): { budget: FairBudget; gaveWay: string[]; clock: { nowMs: number } } {
  const clock = { nowMs: 0 };
  return { budget: createFairBudget({ totalBytes: 100, now: () => clock.nowMs }), gaveWay: [], clock };
}

/** `peer/namespace` takes that many bytes under a name. */
function take(
  { budget, gaveWay }: ReturnType<typeof createBudget>,
  holder: string,
  bytes: number,
  name = holder,
): Claim | undefined {
  const [peer = '', namespace = ''] = holder.split('/');
  return budget.take({ peer, namespace }, bytes, () => gaveWay.push(name));
}

describe('take()', () => {
  test('gives one claim of any size, and nothing above the whole', () => {
    const shared = createBudget();
    expect(take(shared, 'api/a', 101)).toBeUndefined();
    expect(take(shared, 'api/a', 100)).toBeDefined();
  });

  test('gives one namespace half of the bytes when it has several claims', () => {
    const shared = createBudget();
    for (let claim = 0; claim < 5; claim += 1) expect(take(shared, 'api/a', 10)).toBeDefined();
    expect(take(shared, 'api/a', 1)).toBeUndefined();
    expect(take(shared, 'api/b', 50)).toBeDefined();
    expect(shared.gaveWay).toEqual([]);
  });

  test.each([
    {
      name: 'the namespace that holds most',
      claims: ['api/a', 'api/a', 'api/b', 'api/c'],
      asks: 'api/d',
      loses: 'api/a',
    },
    { name: 'the peer that holds most', claims: ['x/a', 'x/b', 'x/c', 'api/a'], asks: 'api/a', loses: 'x/a' },
    { name: 'a peer with many namespaces', claims: ['x/1', 'x/2', 'x/3', 'x/4'], asks: 'api/a', loses: 'x/1' },
  ])('takes from $name when there is too little for all (E159)', ({ claims, asks, loses }) => {
    const shared = createBudget();
    for (const holder of claims) expect(take(shared, holder, 25)).toBeDefined();
    expect(take(shared, asks, 20)).toBeDefined();
    expect(shared.gaveWay).toEqual([loses]);
  });

  test('refuses whoever would hold most itself', () => {
    const shared = createBudget();
    for (const holder of ['api/a', 'api/b', 'api/c', 'api/d']) take(shared, holder, 25);
    expect(take(shared, 'api/e', 25)).toBeUndefined();
    expect(take(shared, 'other/a', 100)).toBeUndefined();
    expect(shared.gaveWay).toEqual([]);
  });

  test('takes from a stale claim first, whoever holds it', () => {
    const shared = createBudget();
    take(shared, 'slow/a', 10);
    shared.clock.nowMs = 1_001;
    for (const holder of ['api/a', 'api/b', 'api/c']) take(shared, holder, 30);
    expect(take(shared, 'api/d', 10)).toBeDefined();
    expect(shared.gaveWay).toEqual(['slow/a']);
  });

  test('takes nothing from a claim that is kept', () => {
    const shared = createBudget();
    take(shared, 'x/a', 100)?.keep();
    shared.clock.nowMs = 2_000;
    expect(take(shared, 'api/a', 10)).toBeUndefined();
    expect(shared.gaveWay).toEqual([]);
  });
});

describe('a claim', () => {
  test('grows within the half of its namespace, and by itself up to the whole', () => {
    const shared = createBudget();
    const claim = take(shared, 'api/a', 10);
    expect(claim?.resize(90)).toBe(true);
    expect(claim?.resize(40)).toBe(true);
    take(shared, 'api/a', 10);
    expect(claim?.resize(41)).toBe(false);
    expect(claim?.resize(40)).toBe(true);
  });

  test('counts for another namespace once it is moved there', () => {
    const shared = createBudget();
    take(shared, 'api/', 40)?.moveTo('a');
    expect(take(shared, 'api/a', 11)).toBeUndefined();
    expect(take(shared, 'api/', 50)).toBeDefined();
  });

  test('gives its bytes back once', () => {
    const shared = createBudget();
    const claim = take(shared, 'api/a', 100);
    claim?.release();
    claim?.release();
    take(shared, 'api/b', 100)?.keep();
    expect(take(shared, 'api/c', 1)).toBeUndefined();
  });

  test('is released before it is told to give way', () => {
    const budget = createFairBudget({ totalBytes: 100, now: () => 0 });
    const lost = budget.take({ peer: 'x', namespace: 'a' }, 100, () => lost?.release());
    expect(budget.take({ peer: 'y', namespace: 'b' }, 10, () => undefined)).toBeDefined();
    expect(budget.take({ peer: 'y', namespace: 'c' }, 90, () => undefined)).toBeDefined();
  });
});

const step = fc.record({
  peer: fc.constantFrom('p', 'q', 'r'),
  namespace: fc.constantFrom('a', 'b', 'c'),
  bytes: fc.integer({ min: 1, max: 110 }),
  action: fc.constantFrom('take', 'take', 'release', 'resize', 'keep'),
  passesMs: fc.integer({ min: 0, max: 600 }),
});

test('no order of claims exceeds the budget or loses bytes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      let nowMs = 0;
      const budget = createFairBudget({ totalBytes: 100, now: () => nowMs });
      const held = new Map<Claim, number>();
      for (const { peer, namespace, bytes, action, passesMs } of steps) {
        nowMs += passesMs;
        const [claim] = held.keys();
        if (action === 'take') {
          const taken = budget.take({ peer, namespace }, bytes, () => taken && held.delete(taken));
          if (taken !== undefined) held.set(taken, bytes);
        } else if (claim !== undefined && action === 'resize') {
          if (claim.resize(bytes)) held.set(claim, bytes);
        } else if (claim !== undefined && action === 'keep') claim.keep();
        else if (claim !== undefined) {
          claim.release();
          held.delete(claim);
        }
        expect([...held.values()].reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(100);
      }
      for (const claim of held.keys()) claim.release();
      expect(budget.take({ peer: 'p', namespace: 'a' }, 100, () => undefined)).toBeDefined();
    }),
  );
});
