import { directAttacks } from '../hostile/attacks/direct-attacks.ts';
import { besiegeDirectly } from '../hostile/support/direct-siege.ts';
import type { SiegeReport } from '../hostile/support/siege.ts';
import type { Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { figureOfSieges, probeTimeoutMs } from './support/siege-figure.ts';

export const hostileCallers: Fault = {
  row: 29,
  name: 'callers that take what they can of memory, connections and live reads, for 30 s each way',
  behaviour:
    'bodies, answers, connections and live reads are shared by address and namespace; who takes more is told to come again, or cut',
  expected: '0 of others, no probe, p99 of others ≤ 100 ms; ≤ 220 of 256 MiB',
  isShort: false,
  waits: false,
  async run(lab) {
    const sieges: [string, SiegeReport][] = [];
    for (let round = 0; round < byForm(lab, { short: 1, usual: 1, long: 20 }); round += 1) {
      for (const attack of directAttacks) sieges.push([attack.name, await besiegeDirectly(attack, probeTimeoutMs())]);
    }
    return figureOfSieges(sieges);
  },
};
