import { request } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { largeReviews } from '../fuzz/large-reviews.ts';
import { startProgram } from '../integration/program/program-on-fake-api.ts';
import type { WebhookProcess } from '../support/webhook-process.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { allowance, byForm } from './support/lab.ts';
import { Tally, type Outcome } from './support/tally.ts';

const reviewBytes = 3_145_728;
const blockedMs = 100;

async function post({ url, caBundle: ca }: WebhookProcess, body: Buffer): Promise<Outcome> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const sent = request(`${url}?timeout=10s`, { ca, method: 'POST', agent: false, headers });
  sent.end(body);
  const [response]: IncomingMessage[] = await once(sent, 'response');
  response?.resume();
  const status = response?.statusCode ?? 0;
  return status > 0 && status < 500 ? { kind: 'mutated' } : { kind: 'failed', cause: `HTTP ${status}` };
}

/** Asks for liveness again and again until told to stop; gives the longest time that an answer took. */
async function longestProbeMs(webhook: WebhookProcess, signal: AbortSignal): Promise<number> {
  let longest = 0;
  while (!signal.aborted) {
    const startMs = performance.now();
    await webhook.ask('/livez');
    longest = Math.max(longest, performance.now() - startMs);
  }
  return longest;
}

export const largeReview: Fault = {
  row: 20,
  name: 'a review of 3 MiB that is made to be expensive',
  behaviour: 'the work for one review is bounded, so that others and the probes hardly wait',
  expected: '0; no probe waits longer than 100 ms',
  isShort: false,
  waits: false,
  async run(lab) {
    await using program = await startProgram();
    const tally = new Tally();
    let longest = { name: '', ms: 0 };
    const rounds = byForm(lab, { short: 1, usual: 1, long: 50 });
    for (const { name, build } of Array.from({ length: rounds }, () => largeReviews).flat()) {
      const body = Buffer.from(build(reviewBytes));
      const end = new AbortController();
      const probing = longestProbeMs(program.webhook, end.signal);
      await tally.count(post(program.webhook, body));
      end.abort();
      const ms = await probing;
      if (ms > longest.ms) longest = { name, ms };
    }
    const detail = `${largeReviews.length} kinds; the longest probe took ${longest.ms.toFixed(0)} ms: ${longest.name}`;
    return figureOf(tally, `${detail} ${tally.causes()}`, [
      longest.ms > blockedMs * allowance() && `a probe took ${longest.ms.toFixed(0)} ms`,
    ]);
  },
};
