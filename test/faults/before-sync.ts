import { setTimeout as delay } from 'node:timers/promises';
import { startApiProxy } from './support/api-proxy.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { startService } from './support/service.ts';
import { sum } from './support/tally.ts';

const down = { status: 500, reason: 'Down' };
const phaseMs = 2_500;

export const beforeSync: Fault = {
  row: 4,
  name: 'calls before the cache is filled',
  behaviour:
    'not ready; who calls all the same is answered by a live read, and where that fails by 503 with `Retry-After: 1`, until it can be told',
  expected: '0',
  isShort: true,
  waits: false,
  async run(lab) {
    await using proxy = await startApiProxy(lab.cluster);
    await using service = await startService(lab, { name: 'faults-before-sync', replicas: 0, proxy });
    proxy.refuse = () => down;
    const replica = await service.launch({}, 'listening');
    await service.balanced(1);
    const loads = service.load(10, 40);
    await delay(phaseMs);
    const { status } = await replica.ask('/readyz');
    proxy.refuse = ({ path }) => (path.endsWith('/serviceaccounts') ? down : undefined);
    await delay(phaseMs);
    proxy.refuse = () => undefined;
    await replica.ready();
    await delay(1_000);
    const tallies = await Promise.all(loads.map(load => load.stop()));
    const detail = `${service.caller.retries} answers said to come again ${tallies.map(tally => tally.causes()).join(' ')}`;
    return figureOf(sum(tallies), detail, [status !== 503 && 'it was ready before']);
  },
};
