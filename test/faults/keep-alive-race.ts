import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { reviewFor } from '../integration/program/reviews.ts';
import { startProgram } from '../integration/program/program-on-fake-api.ts';
import type { WebhookProcess } from '../support/webhook-process.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { causeOf, Tally, type Outcome } from './support/tally.ts';

/** Around the 90 s after which kube-apiserver closes an idle connection. */
const idleFromMs = 84_000;
const idleToMs = 96_000;
const pause = 20;

async function post(webhook: WebhookProcess, agent: Agent): Promise<ClientRequest> {
  const { port, caBundle: ca } = webhook;
  const sent = request({
    ...{ host: '127.0.0.1', port, ca, agent, servername: 'localhost', method: 'POST' },
    path: '/mutate?timeout=10s',
    headers: { 'content-type': 'application/json' },
  });
  sent.end(reviewFor('app'));
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (response === undefined || !(await text(response)).includes('"patch"')) throw new Error('expected a patch');
  return sent;
}

/** A review, the pause, and another on the same connection. */
async function afterPause(webhook: WebhookProcess, idleMs: number): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await post(webhook, agent);
    await delay(idleMs);
    const { reusedSocket } = await post(webhook, agent);
    return reusedSocket ? { kind: 'mutated' } : { kind: 'failed', cause: 'the server had closed first' };
  } catch (error) {
    return { kind: 'failed', cause: causeOf(error) };
  } finally {
    agent.destroy();
  }
}

export const keepAliveRace: Fault = {
  row: 5,
  name: 'a review on a connection that was idle for about 90 s',
  behaviour: 'kube-apiserver closes after 90 s, the webhook only after 120 s: it never closes first',
  expected: '0',
  isShort: false,
  waits: true,
  async run(lab) {
    await using program = await startProgram();
    const tally = new Tally();
    const count = byForm(lab, { short: 20, usual: 400, long: 800 });
    const calls: Promise<Outcome>[] = [];
    for (let index = 0; index < count; index += 1) {
      const idleMs = idleFromMs + ((idleToMs - idleFromMs) * index) / count;
      calls.push(tally.count(afterPause(program.webhook, idleMs)));
      await delay(pause);
    }
    await Promise.all(calls);
    return figureOf(tally, `idle for ${idleFromMs / 1_000} to ${idleToMs / 1_000} s ${tally.causes()}`);
  },
};
