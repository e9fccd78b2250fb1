import { describe, expect, test } from 'vitest';
import { SingleFlight } from '../../src/util/single-flight.ts';

describe('SingleFlight', () => {
  test('fly() begins once for all who ask for the same key at the same time', async () => {
    const flights = new SingleFlight<string, number>();
    let begun = 0;
    const begin = async (): Promise<number> => (begun += 1);
    const shares = [1, 2, 3].map(() => flights.fly('a', 0, begin));
    expect(shares.map(share => share.joined)).toEqual([false, true, true]);
    expect(await Promise.all(shares.map(share => share.result))).toEqual([1, 1, 1]);
    expect(begun).toBe(1);
  });

  test('fly() begins anew once the first has settled', async () => {
    const flights = new SingleFlight<string, number>();
    let begun = 0;
    const begin = async (): Promise<number> => (begun += 1);
    await flights.fly('a', 0, begin).result;
    const second = flights.fly('a', 0, begin);
    expect(second.joined).toBe(false);
    expect(await second.result).toBe(2);
  });

  test('fly() keeps keys apart', async () => {
    const flights = new SingleFlight<string, string>();
    const results = ['a', 'b'].map(key => flights.fly(key, 0, async () => key).result);
    expect(flights.size).toBe(2);
    expect(await Promise.all(results)).toEqual(['a', 'b']);
  });

  test.each([
    { how: 'resolves', begin: async (): Promise<number> => 1 },
    {
      how: 'rejects',
      begin: async (): Promise<number> => {
        throw new Error('no');
      },
    },
    {
      how: 'throws at once',
      begin: (): Promise<number> => {
        throw new Error('no');
      },
    },
  ])('fly() leaves nothing behind when the work $how (E175)', async ({ begin }) => {
    const flights = new SingleFlight<string, number>();
    await flights.fly('a', 0, begin).result.catch(() => 0);
    expect(flights.size).toBe(0);
  });

  test('fly() tells the work until when the last caller waits', async () => {
    const flights = new SingleFlight<string, number>();
    const { promise: joined, resolve } = Promise.withResolvers<void>();
    const first = flights.fly('a', 100, async neededUntilMs => {
      await joined;
      return neededUntilMs();
    });
    for (const untilMs of [300, 200]) void flights.fly('a', untilMs, async () => 0);
    resolve();
    expect(await first.result).toBe(300);
  });
});
