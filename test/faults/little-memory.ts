import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startProgram } from '../integration/program/program-on-fake-api.ts';
import { reviewFor } from '../integration/program/reviews.ts';
import { ApiServerCaller } from './support/api-server-caller.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { startLoad } from './support/load.ts';

const limitBytes = 100_663_296;
/** What V8 chooses by itself in so small a container. */
const smallYoungGeneration = '--max-semi-space-size=1';

interface MemoryGroup extends AsyncDisposable {
  /** The process and what it takes from now on is counted. */
  take(pid: number): Promise<void>;
  /** How often the limit was met, or the kernel killed, and the most that was in use, in MB. */
  usage(): Promise<number>;
}

/** A memory cgroup, of version 1 or 2; undefined where none can be made. */
async function makeGroup(): Promise<MemoryGroup | undefined> {
  const name = `irsa-faults-${process.pid}`;
  const versions = [
    { folder: join('/sys/fs/cgroup/memory', name), limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes' },
    { folder: join('/sys/fs/cgroup', name), limit: 'memory.max', peak: 'memory.peak' },
  ];
  for (const { folder, limit, peak } of versions) {
    try {
      await mkdir(folder);
      await writeFile(join(folder, limit), String(limitBytes));
      return {
        take: pid => writeFile(join(folder, 'cgroup.procs'), String(pid)),
        usage: async () => Number(await readFile(join(folder, peak), 'utf8')) / 1e6,
        [Symbol.asyncDispose]: () => rmdir(folder),
      };
    } catch {
      await rmdir(folder).catch(() => undefined);
    }
  }
  return undefined;
}

export const littleMemory: Fault = {
  row: 21,
  name: 'a container of 96 MiB under load',
  behaviour: 'it serves on within its limit',
  expected: '0; not killed',
  isShort: false,
  waits: false,
  async run(lab) {
    await using group = await makeGroup();
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
    const usage = await group.usage();
    const detail = `${usage.toFixed(0)} MB charged at most, p99 ${tally.percentileMs(0.99).toFixed(0)} ms`;
    const isKilled = !webhook.isRunning();
    await webhook.kill();
    return figureOf(tally, `${detail} ${tally.causes()}`, [isKilled && 'killed']);
  },
};
