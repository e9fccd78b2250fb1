import { describe, expect, test } from 'vitest';
import { waitFor } from './wait-for.ts';

describe('waitFor()', () => {
  test.each([{ notYet: undefined }, { notYet: null }, { notYet: false }])(
    'gives the first value when the check gives $notYet before',
    async ({ notYet }) => {
      const answers = [notYet, notYet, 0];
      expect(await waitFor(() => answers.shift(), { what: 'a value', intervalMs: 1 })).toBe(0);
    },
  );

  test('tries again when the check throws', async () => {
    let calls = 0;
    const check = (): string => {
      calls += 1;
      if (calls < 3) throw new Error('not there');
      return 'there';
    };
    expect(await waitFor(check, { what: 'it', intervalMs: 1 })).toBe('there');
  });

  test('says what it waited for, and the last error, when the time is over', async () => {
    const cause = new Error('connection refused');
    const waiting = waitFor(() => Promise.reject(cause), { what: 'the server', timeoutMs: 30, intervalMs: 1 });
    await expect(waiting).rejects.toThrow('waited 30 ms for the server, last: connection refused');
    await expect(waiting).rejects.toHaveProperty('cause', cause);
  });
});
