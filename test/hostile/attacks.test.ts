import { describe, expect, test } from 'vitest';
import { directAttacks } from './attacks/direct-attacks.ts';
import { generateAttacks } from './attacks/generated.ts';
import { besiegeDirectly } from './support/direct-siege.ts';
import { lossesIn } from './support/siege.ts';

describe('Others get their identity and their probes, and memory is left, while somebody sends', () => {
  for (const attack of directAttacks) {
    test(attack.name, async () => {
      const report = await besiegeDirectly(attack);
      expect(lossesIn(report)).toEqual([]);
      for (const reason of attack.refused) expect(report.refused.get(reason)).toBeGreaterThan(0);
    });
  }

  test('what is made up (E158)', async () => {
    // One seed, so that a run says something about the change that it is for; `make faults` draws others.
    const seed = Number(process.env['SEED'] || 1_217_377_030);
    const attacks = generateAttacks(seed);
    console.log(`hostile: made up from SEED=${seed}: ${JSON.stringify(attacks)}`);
    expect(lossesIn(await besiegeDirectly({ name: `SEED=${seed}`, attacks }))).toEqual([]);
  });
});
