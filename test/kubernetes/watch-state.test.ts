import { describe, expect, test } from 'vitest';
import { defaultReflectorSettings, WatchState } from '../../src/kubernetes/watch-state.ts';

function createState(): { state: WatchState; clock: { ms: number } } {
  const clock = { ms: 5_000 };
  return { state: new WatchState(defaultReflectorSettings, () => clock.ms), clock };
}

describe('WatchState', () => {
  test('live() is false before a watch, and after it has ended', () => {
    const { state, clock } = createState();
    expect(state.live()).toBe(false);
    state.begin();
    state.contact();
    clock.ms += 1_000;
    expect(state.live()).toBe(true);
    state.end();
    expect(state.live()).toBe(false);
  });

  test('live() waits for what a watch that was opened again may still bring', () => {
    const { state, clock } = createState();
    state.begin();
    state.contact();
    clock.ms += 999;
    expect(state.live()).toBe(false);
    clock.ms += 1;
    expect(state.live()).toBe(true);
  });

  test('live() is true at once after a list in the same stream', () => {
    const { state } = createState();
    state.begin();
    state.contact();
    state.catchUp();
    expect(state.live()).toBe(true);
  });

  test('live() ends when the first bookmark is late', () => {
    const { state, clock } = createState();
    state.begin();
    state.contact();
    clock.ms += 20_000;
    state.contact();
    clock.ms += 110_000;
    expect(state.live()).toBe(true);
    clock.ms += 1;
    expect(state.live()).toBe(false);
    state.contact();
    expect(state.live()).toBe(true);
  });

  test('live() ends when a later bookmark is late', () => {
    const { state, clock } = createState();
    state.begin();
    state.contact();
    clock.ms += 120_000;
    state.contact();
    clock.ms += 75_000;
    expect(state.live()).toBe(true);
    clock.ms += 1;
    expect(state.live()).toBe(false);
  });

  test('lasted, opened and spoke tell of the present watch only', () => {
    const { state, clock } = createState();
    state.begin();
    expect([state.opened, state.lasted, state.spoke]).toEqual([false, false, false]);
    state.contact();
    state.speak();
    clock.ms += 1_000;
    expect([state.opened, state.lasted, state.spoke]).toEqual([true, true, true]);
    state.end();
    state.begin();
    expect([state.opened, state.lasted, state.spoke]).toEqual([false, false, false]);
    expect(state.lastContactMs).toBe(5_000);
  });
});
