import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FakeApiServer } from '../support/fake-api-server.ts';
import { longAnnotations } from './attacks/tenant.ts';
import { attackSeconds, startBystander, startFortress } from './support/fortress.ts';
import { besiege, lossesIn, untilOver } from './support/siege.ts';

const accounts = 900;
/** As many a second as a tenant was able to write. */
const writesPerSecond = 70;

function write({ objects }: FakeApiServer, number: number): void {
  objects.put('serviceaccounts', 'attacker', `attack-${number % accounts}`, { annotations: longAnnotations(number) });
}

/** Writes the accounts one after the other, and then again, until the signal. */
async function writeUntil(api: FakeApiServer, signal: AbortSignal): Promise<number> {
  let number = 0;
  for (; !signal.aborted; number += 1) {
    write(api, number);
    await delay(1_000 / writesPerSecond);
  }
  return number;
}

describe('ServiceAccounts whose annotations are as long as the API server takes them', () => {
  test('take no more memory than others while they are created and changed (E170)', async () => {
    await using fortress = await startFortress('accounts');
    const { webhook, group, api } = fortress;
    const report = await besiege({
      ...{ name: '900 accounts with annotations of 260 KB', webhook, group },
      startOthers: () => startBystander(webhook, { accounts: ['app', 'fresh-#'] }),
      async attack(signal) {
        const end = AbortSignal.any([signal, AbortSignal.timeout(attackSeconds * 1_000)]);
        return { counts: { written: await writeUntil(api, end) }, wrong: [] };
      },
    });
    expect(lossesIn(report)).toEqual([]);
  });

  test('are listed at a start, while they are changed, in as little memory (E170)', async () => {
    const end = new AbortController();
    onTestFinished(() => end.abort());
    const prepare = (api: FakeApiServer): void => {
      for (let number = 0; number < accounts; number += 1) write(api, number);
      void writeUntil(api, end.signal);
    };
    const startMs = performance.now();
    await using fortress = await startFortress('restart', { prepare });
    const readyMs = performance.now() - startMs;
    const { webhook, group } = fortress;
    const report = await besiege({
      ...{ name: `restart with these accounts, ready after ${readyMs.toFixed(0)} ms`, webhook, group },
      startOthers: () => startBystander(webhook),
      attack: signal => untilOver(1, signal).then(() => ({ counts: {}, wrong: [] })),
    });
    expect(lossesIn(report)).toEqual([]);
  });
});
