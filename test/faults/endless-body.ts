import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
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
/** `--max-bytes-in-flight`, twice: received and as one text. And what the garbage collector leaves for a while. */
const growthMegabytes = 64;
const endMs = 15_000;

/** Sends a body without a length and without an end. Gives the status, 0 for a connection that was cut, and what was taken. */
async function sendEndless({ url, caBundle: ca }: WebhookProcess): Promise<{ status: number; bytes: number }> {
  const sent = request(`${url}?timeout=10s`, {
    ...{ ca, method: 'POST', agent: false, signal: AbortSignal.timeout(endMs) },
    headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
  });
  let status: number | undefined;
  let bytes = 0;
  sent.on('response', (response: IncomingMessage) => {
    status = response.statusCode;
    response.resume();
  });
  sent.on('error', () => (status ??= 0));
  while (status === undefined) {
    bytes += piece.length;
    if (!sent.write(piece)) await Promise.race([once(sent, 'drain'), once(sent, 'close')]).catch(() => undefined);
    await new Promise(resolve => setImmediate(resolve));
  }
  sent.destroy();
  return { status, bytes };
}

export const endlessBody: Fault = {
  row: 18,
  name: 'bodies without a length and without an end',
  behaviour: '413 or 503, and the connection is closed, before the rest is received',
  expected: '0 of the other reviews; memory grows by ≤ 64 MB',
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
      growth > growthMegabytes && `memory grew by ${growth.toFixed(0)} MB`,
      statuses.has(200) && 'an endless body was accepted',
    ]);
  },
};
