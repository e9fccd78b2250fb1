import { setTimeout as delay } from 'node:timers/promises';
import { inLanes, withRole } from '../apiserver/pods.ts';
import { createServiceAccount } from '../support/cluster/objects.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { startService } from './support/service.ts';
import { Tally } from './support/tally.ts';

const atMostMs = 500;

export const freshAccount: Fault = {
  row: 15,
  name: 'a ServiceAccount is created 0 to 500 ms before its pod',
  behaviour: 'an account that is not known yet is read live',
  expected: '0',
  isShort: true,
  waits: false,
  async run(lab) {
    await using service = await startService(lab, { name: 'faults-fresh' });
    const pairs = byForm(lab, { short: 100, usual: 1_000, long: 20_000 });
    const names = Array.from({ length: pairs }, (_, index) => `fresh-${index}`);
    const tally = new Tally();
    await inLanes(16, names, async (name, index) => {
      await createServiceAccount(lab.admin, service.namespace, name, withRole(name));
      await delay(index % 4 === 0 ? 0 : (atMostMs * index) / pairs);
      await tally.count(service.pod(name));
    });
    return figureOf(tally, `p99 ${tally.percentileMs(0.99).toFixed(0)} ms for a pod ${tally.causes()}`);
  },
};
