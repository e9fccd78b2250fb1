import { describe, expect, test } from 'vitest';
import { withinDeadline } from '../../src/util/waiting.ts';

describe('withinDeadline()', () => {
  test('gives the value when it comes in time', async () => {
    expect(await withinDeadline(Promise.resolve(7), 1_000)).toEqual({ kind: 'settled', value: 7 });
  });

  test('gives the value that is there already, also without any time', async () => {
    expect(await withinDeadline(Promise.resolve(7), 0)).toEqual({ kind: 'settled', value: 7 });
  });

  test('gives up when nothing comes in time', async () => {
    expect(await withinDeadline(new Promise(() => undefined), 10)).toEqual({ kind: 'timed_out' });
  });

  test('rejects when the promise does so in time', async () => {
    await expect(withinDeadline(Promise.reject(new Error('no')), 1_000)).rejects.toThrow('no');
  });

  test('lets a later rejection pass unnoticed', async () => {
    const { promise, reject } = Promise.withResolvers<number>();
    expect(await withinDeadline(promise, 1)).toEqual({ kind: 'timed_out' });
    // An unhandled rejection would fail the run.
    reject(new Error('late'));
    await new Promise(resolve => setImmediate(resolve));
  });
});
