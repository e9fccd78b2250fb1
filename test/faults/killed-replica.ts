import { setTimeout as delay } from 'node:timers/promises';
import { annotations, startProgram } from '../integration/program/program-on-fake-api.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { allowance } from './support/lab.ts';
import { startService } from './support/service.ts';
import { sum } from './support/tally.ts';

const accounts = 10_000;
const readyMs = 1_000;

/** From the start of the process until it is ready, with many ServiceAccounts to list. */
async function measureStart(): Promise<number> {
  let startMs = 0;
  await using program = await startProgram({
    untilReady: false,
    prepare(api) {
      for (let index = 0; index < accounts; index += 1) {
        const fields = index % 10 === 0 ? { annotations } : {};
        api.objects.put('serviceaccounts', `namespace-${index % 100}`, `account-${index}`, fields);
      }
      startMs = performance.now();
    },
  });
  await program.webhook.ready();
  return performance.now() - startMs;
}

export const killedReplica: Fault = {
  row: 3,
  name: '`kill -9` of one replica of 2 under load',
  behaviour:
    'the other serves; calls fail that are in flight, or that kube-proxy leads to the dead one until it knows; none goes without',
  expected: 'failed only until kube-proxy knows; 0 unmutated; ready ≤ 1 s after start with 10,000 accounts',
  isShort: true,
  waits: false,
  async run(lab) {
    await using service = await startService(lab, { name: 'faults-killed' });
    const loads = service.load(20, 100);
    await delay(1_000);
    await service.replicas[0]?.kill();
    await service.balanced(1);
    await delay(200); // what was on its way
    const { failed: failedAtFirst } = sum(loads.map(({ tally }) => tally));
    await service.launch();
    await service.balanced(2);
    await delay(1_000);
    const all = sum(await Promise.all(loads.map(load => load.stop())));
    const tookMs = await measureStart();
    const figure = figureOf(
      { ...all, failed: all.failed - failedAtFirst },
      `${failedAtFirst} failed until kube-proxy knew; ready after ${(tookMs / 1_000).toFixed(2)} s`,
      [tookMs > readyMs * allowance() && `ready after ${tookMs.toFixed(0)} ms`],
    );
    return { ...figure, failed: all.failed };
  },
};
