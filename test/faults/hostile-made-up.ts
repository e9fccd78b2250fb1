import { randomInt } from 'node:crypto';
import { generateAttacks } from '../hostile/attacks/generated.ts';
import { besiegeDirectly } from '../hostile/support/direct-siege.ts';
import type { Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { figureOfSieges, probeTimeoutMs, type NamedSiege } from './support/siege-figure.ts';

export const hostileMadeUp: Fault = {
  row: 31,
  name: 'such callers, made up: any framing, size, reader, number of connections and addresses, three at once',
  behaviour: 'the same',
  expected: '0 of others, no probe, p99 of others ≤ 100 ms; ≤ 220 of 256 MiB',
  isShort: false,
  waits: false,
  async run(lab) {
    const sieges: NamedSiege[] = [];
    for (let round = 0; round < byForm(lab, { short: 1, usual: 8, long: 200 }); round += 1) {
      const seed = randomInt(2 ** 31);
      const attacks = generateAttacks(seed);
      const name = `SEED=${seed}`;
      const report = await besiegeDirectly({ name: `${name} ${JSON.stringify(attacks)}`, attacks }, probeTimeoutMs());
      sieges.push({ name, report });
    }
    return figureOfSieges(sieges);
  },
};
