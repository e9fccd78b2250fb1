import { setTimeout as delay } from 'node:timers/promises';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { startService, type Service } from './support/service.ts';
import { sum } from './support/tally.ts';

/** The chart's minReadySeconds give kube-proxy time to lead to a new replica before an old one ends; so does this. */
async function replaceOne(service: Service): Promise<void> {
  const oldest = service.replicas.find(replica => replica.isRunning());
  await service.launch();
  await service.balanced(3);
  await oldest?.stop('SIGTERM');
}

export const rollingRestart: Fault = {
  row: 1,
  name: 'rolling restart of 2 replicas under load',
  behaviour:
    'a replica that ends serves on for `--drain-period` and asks clients to leave by `Connection: close`; nobody meets a closed port',
  expected: '0',
  isShort: true,
  waits: false,
  async run(lab) {
    const drainSeconds = byForm(lab, { short: 3, usual: 10, long: 10 });
    await using service = await startService(lab, {
      name: 'faults-rolling-restart',
      flags: [`--drain-period=${drainSeconds}s`],
    });
    const [pods, reviews] = service.load(20, byForm(lab, { short: 100, usual: 200, long: 300 }));
    const restarts = byForm(lab, { short: 1, usual: 4, long: 40 });
    for (let restart = 0; restart < restarts; restart += 1) await replaceOne(service);
    await delay(1_000);
    const tallies = await Promise.all([pods.stop(), reviews.stop()]);
    const causes = tallies.map(tally => tally.causes()).join(' ');
    return figureOf(sum(tallies), `${restarts} replicas replaced, drain ${drainSeconds} s ${causes}`);
  },
};
