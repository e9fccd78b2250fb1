import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { startProgram } from '../integration/program/program-on-fake-api.ts';
import { reviewFor } from '../integration/program/reviews.ts';
import type { WebhookProcess } from '../support/webhook-process.ts';
import { ApiServerCaller } from './support/api-server-caller.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { startLoad } from './support/load.ts';
import { residentMemory, resetPeak } from './support/resident-memory.ts';

const attackers = 16;
const piece = Buffer.alloc(65_536, ' ');
const mebibyte = 1_048_576;
/** What the process may have in memory at any moment. */
const maxMegabytes = 256;
const endMs = 15_000;

/** Sends a body without a length and without an end. Gives the status, 0 for a connection that was cut, and what was taken. */
async function sendEndless({ url, caBundle: ca }: WebhookProcess): Promise<{ status: number; bytes: number }> {
  const signal = AbortSignal.timeout(endMs);
  const sent = request(`${url}?timeout=10s`, {
    ...{ ca, method: 'POST', agent: false, signal },
    headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
  });
  let bytes = 0;
  const endless = Readable.from(
    (function* pieces() {
      for (;;) {
        bytes += piece.length;
        yield piece;
      }
    })(),
    { objectMode: false },
  );
  const answered = new Promise<number>(resolve => {
    sent.on('response', (response: IncomingMessage) => resolve(response.statusCode ?? 0));
    sent.on('error', () => resolve(0));
  });
  pipeline(endless, sent).catch(() => undefined); // cut when it was answered
  const status = await answered;
  endless.destroy();
  sent.destroy();
  return { status, bytes };
}

export const endlessBody: Fault = {
  row: 18,
  name: 'bodies without a length and without an end',
  behaviour: '413 or 503, and the connection is closed, before the rest is received',
  expected: '0 of the other reviews; ≤ 256 MB in memory',
  isShort: true,
  waits: false,
  async run(lab) {
    await using program = await startProgram();
    const { webhook } = program;
    using caller = new ApiServerCaller({ port: webhook.port, ca: webhook.caBundle });
    const review = reviewFor('app');
    for (let index = 0; index < 200; index += 1) await caller.call(review);
    const others = startLoad(50, () => caller.call(review));
    const before = await residentMemory(webhook.pid);
    await resetPeak(webhook.pid);
    const statuses = new Map<number, number>();
    let mostBytes = 0;
    const rounds = byForm(lab, { short: 1, usual: 5, long: 500 });
    for (let round = 0; round < rounds; round += 1) {
      for (const { status, bytes } of await Promise.all(
        Array.from({ length: attackers }, () => sendEndless(webhook)),
      )) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        mostBytes = Math.max(mostBytes, bytes);
      }
    }
    const { peak } = await residentMemory(webhook.pid);
    const tally = await others.stop();
    const growth = peak - before.now;
    const answers = [...statuses].map(([status, count]) => `${count} × ${status === 0 ? 'cut' : status}`).join(', ');
    const detail = `${answers}, after ${(mostBytes / mebibyte).toFixed(1)} MiB at most; memory grew by ${growth.toFixed(0)} MB to ${peak.toFixed(0)} MB`;
    return figureOf(tally, `${detail} ${tally.causes()}`, [
      peak > maxMegabytes && `${peak.toFixed(0)} MB in memory`,
      statuses.has(200) && 'an endless body was accepted',
    ]);
  },
};
