import { describe, expect, test } from 'vitest';
import { createRateLimit } from '../../src/util/rate-limit.ts';

describe('createRateLimit()', () => {
  test('lets a key pass once in an interval, and says how often it was held back', () => {
    let now = 0;
    const limit = createRateLimit({ intervalMs: 100, maxKeys: 10, now: () => now });
    expect([limit.pass('a'), limit.pass('a'), limit.pass('a'), limit.pass('b')]).toEqual([0, undefined, undefined, 0]);
    now = 99;
    expect(limit.pass('a')).toBeUndefined();
    now = 100;
    expect(limit.pass('a')).toBe(3);
    expect(limit.pass('a')).toBeUndefined();
    now = 200;
    expect(limit.pass('a')).toBe(1);
    now = 300;
    expect(limit.pass('a')).toBe(0);
  });

  test('remembers only so many keys, and forgets the one that passed longest ago', () => {
    let now = 0;
    const limit = createRateLimit({ intervalMs: 100, maxKeys: 2, now: () => now });
    limit.pass('a');
    limit.pass('b');
    now = 100;
    limit.pass('a');
    limit.pass('c'); // forgets b
    now = 150;
    expect(limit.pass('a')).toBeUndefined();
    expect(limit.pass('b')).toBe(0); // forgets a
    expect(limit.pass('c')).toBeUndefined();
    expect(limit.pass('a')).toBe(0);
  });
});
