import { setTimeout as delay } from 'node:timers/promises';
import { startProgram } from '../integration/program/program-on-fake-api.ts';
import { reviewFor } from '../integration/program/reviews.ts';
import { createMemoryGroup } from '../support/memory-group.ts';
import { ApiServerCaller } from './support/api-server-caller.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { startLoad } from './support/load.ts';

const limitBytes = 100_663_296;
/** What V8 chooses by itself in so small a container. */
const smallYoungGeneration = '--max-semi-space-size=1';

export const littleMemory: Fault = {
  row: 21,
  name: 'a container of 96 MiB under load',
  behaviour: 'it serves on within its limit',
  expected: '0; not killed',
  isShort: false,
  waits: false,
  async run(lab) {
    await using group = await createMemoryGroup('irsa-faults', limitBytes);
    if (group === undefined) return { kind: 'not-possible', reason: 'no memory cgroup can be made; it takes root' };
    await using program = await startProgram({
      untilReady: false,
      environment: { NODE_OPTIONS: smallYoungGeneration },
    });
    const { webhook } = program;
    await group.take(webhook.pid);
    await webhook.ready();
    using caller = new ApiServerCaller({ port: webhook.port, ca: webhook.caBundle });
    const review = reviewFor('app');
    const load = startLoad(500, () => caller.call(review));
    await delay(byForm(lab, { short: 3, usual: 15, long: 600 }) * 1_000);
    const tally = await load.stop();
    const usage = (await group.mostBytes()) / 1e6;
    const detail = `${usage.toFixed(0)} MB charged at most, p99 ${tally.percentileMs(0.99).toFixed(0)} ms`;
    const isKilled = !webhook.isRunning();
    await webhook.kill();
    return figureOf(tally, `${detail} ${tally.causes()}`, [isKilled && 'killed']);
  },
};
