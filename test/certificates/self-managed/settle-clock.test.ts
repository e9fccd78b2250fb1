import { expect, test } from 'vitest';
import { SettleClock } from '../../../src/certificates/self-managed/authority-round.ts';

const settleMs = 60_000;

function settledAt(clock: SettleClock, nowMs: number): readonly string[] {
  return [...clock.settled(nowMs)];
}

test('SettleClock gives what has been published for the settle time', () => {
  const clock = new SettleClock(settleMs);
  expect(settledAt(clock, settleMs)).toEqual([]);
  clock.observe(new Set(['a']), 1_000);
  clock.observe(new Set(['a', 'b']), 2_000);
  expect(settledAt(clock, 1_000 + settleMs - 1)).toEqual([]);
  expect(settledAt(clock, 1_000 + settleMs)).toEqual(['a']);
  expect(settledAt(clock, 2_000 + settleMs)).toEqual(['a', 'b']);
});

test('SettleClock begins anew with what was gone meanwhile', () => {
  const clock = new SettleClock(settleMs);
  clock.observe(new Set(['a', 'b']), 0);
  clock.observe(new Set(['b']), 1_000);
  clock.observe(new Set(['a', 'b']), 2_000);
  expect(settledAt(clock, settleMs)).toEqual(['b']);
  expect(settledAt(clock, 2_000 + settleMs)).toEqual(['a', 'b']);
});
