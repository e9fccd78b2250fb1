import { describe, expect, test } from 'vitest';
import { directAttacks } from './attacks/direct-attacks.ts';
import { attackWith, startBystander, startFortress } from './support/fortress.ts';
import { besiege, lossesIn } from './support/siege.ts';

describe('Others get their identity and their probes, and memory is left, while somebody sends', () => {
  for (const { name, attacks, accounts, refused } of directAttacks) {
    test(name, async () => {
      await using fortress = await startFortress('direct');
      const { webhook, group, api } = fortress;
      // As an API server that is far away.
      api.faults.plan('get', { kind: 'delay', ms: 100 }, Number.POSITIVE_INFINITY);
      const report = await besiege({
        ...{ name, webhook, group },
        startOthers: () => startBystander(webhook, accounts && { accounts }),
        attack: signal => attackWith(webhook, attacks, signal),
      });
      expect(lossesIn(report)).toEqual([]);
      if (refused !== undefined) expect(report.refused.get(refused)).toBeGreaterThan(0);
    });
  }
});
