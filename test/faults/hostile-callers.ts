import { directAttacks } from '../hostile/attacks/direct-attacks.ts';
import { besiegeDirectly, readsMs } from '../hostile/support/direct-siege.ts';
import type { Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { figureOfSieges, probeTimeoutMs, type NamedSiege } from './support/siege-figure.ts';

export const hostileCallers: Fault = {
  row: 29,
  name: 'callers that take what they can of memory, connections and live reads, for 30 s each way',
  behaviour:
    'bodies, answers, connections and live reads are shared by address and namespace; who takes more is told to come again, or cut',
  expected: '0 of others, no probe, p99 of others ≤ 100 ms beyond live reads; ≤ 220 of 256 MiB',
  isShort: false,
  waits: false,
  async run(lab) {
    const sieges: NamedSiege[] = [];
    for (let round = 0; round < byForm(lab, { short: 1, usual: 1, long: 20 }); round += 1) {
      for (const attack of directAttacks) {
        const report = await besiegeDirectly(attack, probeTimeoutMs());
        sieges.push({ name: attack.name, report, readsMs: readsMs(attack) });
      }
    }
    return figureOfSieges(sieges);
  },
};
