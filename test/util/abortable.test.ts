import { describe, expect, test } from 'vitest';
import { abortable } from '../../src/util/waiting.ts';

const never = new Promise<never>(() => undefined);

describe('abortable()', () => {
  test('gives what the promise gives', async () => {
    const { signal } = new AbortController();
    expect(await abortable(Promise.resolve(7), signal)).toBe(7);
    await expect(abortable(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  });

  test('rejects with the reason when the signal aborts, or has aborted', async () => {
    const ending = new AbortController();
    const waiting = abortable(never, ending.signal);
    ending.abort(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
    await expect(abortable(never, ending.signal)).rejects.toThrow('over');
  });
});
