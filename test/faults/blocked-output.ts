import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startProgram, type ProgramOnFakeApi } from '../integration/program/program-on-fake-api.ts';
import { reviewFor } from '../integration/program/reviews.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { ApiServerCaller } from './support/api-server-caller.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { allowance, byForm } from './support/lab.ts';
import { startLoad } from './support/load.ts';
import type { Tally } from './support/tally.ts';

const perSecond = 100;
/** More than noise. */
const slackMs = 20;

/** A line of more than half a kilobyte for each review; a pipe takes 64 KiB, which is full within two seconds. */
async function loadOn({ webhook }: ProgramOnFakeApi, seconds: number): Promise<Tally> {
  using caller = new ApiServerCaller({ port: webhook.port, ca: webhook.caBundle });
  const review = reviewFor('app', { name: 'a'.repeat(253) });
  const load = startLoad(perSecond, () => caller.call(review));
  await delay(seconds * 1_000);
  return await load.stop();
}

export const blockedOutput: Fault = {
  row: 23,
  name: 'nobody reads the log: the pipe of stdout is full',
  behaviour: 'lines are dropped and counted, reviews do not wait',
  expected: '0; p99 as with a reader',
  isShort: true,
  waits: false,
  async run(lab) {
    await using folder = await createTempFolder();
    const path = join(folder.path, 'stdout');
    await promisify(execFile)('mkfifo', [path]);
    // Open for both, so that there is a reader; it never reads.
    const stdout = openSync(path, 'r+');
    try {
      await using blocked = await startProgram({ stdout });
      await using read = await startProgram();
      const usual = await loadOn(read, byForm(lab, { short: 3, usual: 6, long: 60 }));
      // The program keeps a mebibyte of lines until it drops some: 30 s of them are more, 3 s are not.
      const tally = await loadOn(blocked, byForm(lab, { short: 3, usual: 30, long: 600 }));
      const dropped = (await blocked.webhook.metric('irsa_webhook_log_lines_dropped_total')) ?? 0;
      const [p99, usualP99] = [tally.percentileMs(0.99), usual.percentileMs(0.99)];
      const detail = `p99 ${p99.toFixed(0)} ms, with a reader ${usualP99.toFixed(0)} ms; ${dropped} lines dropped`;
      return figureOf(tally, `${detail} ${tally.causes()}`, [
        p99 > 2 * usualP99 + slackMs * allowance() && `p99 ${p99.toFixed(0)} ms`,
        lab.form !== 'short' && dropped === 0 && 'no line was dropped: the pipe was read',
      ]);
    } finally {
      closeSync(stdout);
    }
  },
};
