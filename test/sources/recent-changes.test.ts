import { describe, expect, test } from 'vitest';
import { RecentChanges } from '../../src/sources/service-account-store.ts';

describe('RecentChanges', () => {
  test('has() is true for the given time after note(), counted from the last', () => {
    const clock = { ms: 0 };
    const recent = new RecentChanges(1_000, () => clock.ms);
    recent.note('a');
    clock.ms = 600;
    recent.note('a');
    clock.ms = 1_599;
    expect(recent.has('a')).toBe(true);
    clock.ms = 1_600;
    expect(recent.has('a')).toBe(false);
  });

  test('has() is false for what was never noted, or forgotten', () => {
    const recent = new RecentChanges(1_000, () => 0);
    recent.note('a');
    recent.forget('a');
    recent.forget('b');
    expect([recent.has('a'), recent.has('b')]).toEqual([false, false]);
  });

  test('holds no more than what was noted in that time', () => {
    const clock = { ms: 0 };
    const recent = new RecentChanges(100, () => clock.ms);
    for (let index = 0; index < 5_000; index += 1) {
      clock.ms = index;
      recent.note(`key ${index}`);
    }
    expect(recent.size).toBeLessThanOrEqual(100);
  });
});
