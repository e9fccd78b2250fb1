import { applyPatch, type Operation } from 'fast-json-patch';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { reviewOf } from '../admission/support.ts';
import { startProgram } from '../integration/program/program-on-fake-api.ts';
import { readGoldenCases } from '../support/golden-cases.ts';
import type { WebhookProcess } from '../support/webhook-process.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { Tally, type Outcome } from './support/tally.ts';

/** The patch for a pod; empty for none. */
async function patchFor({ url, caBundle: ca }: WebhookProcess, pod: object): Promise<readonly Operation[]> {
  const headers = { 'content-type': 'application/json' };
  const sent = request(`${url}?timeout=10s`, { ca, method: 'POST', headers });
  sent.end(reviewOf({ object: pod, namespace: 'golden' }));
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (response?.statusCode !== 200) throw new Error(`expected 200, found ${response?.statusCode}`);
  const { patch } = JSON.parse(await text(response)).response;
  return patch === undefined ? [] : JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
}

async function askTwice(webhook: WebhookProcess, name: string, pod: object): Promise<Outcome> {
  const patch = await patchFor(webhook, pod);
  const patched = applyPatch(structuredClone(pod), patch, true).newDocument;
  const second = await patchFor(webhook, patched);
  return second.length === 0 ? { kind: 'mutated' } : { kind: 'failed', cause: `${name}: ${JSON.stringify(second)}` };
}

export const reinvocation: Fault = {
  row: 26,
  name: 'a pod is reviewed again (reinvocation, a copy of a running pod)',
  behaviour: 'what is there already is not added again: the second answer has no patch',
  expected: '0 pods that are changed the second time',
  isShort: true,
  waits: false,
  async run() {
    const cases = await readGoldenCases();
    const tally = new Tally();
    const byFlags = Map.groupBy(
      cases.filter(({ account }) => account.mapping === undefined && account.associated === undefined),
      ({ settings }) => settings.flags.filter(flag => !flag.includes('/')).join(' '),
    );
    for (const [flags, group] of byFlags) {
      await using program = await startProgram({
        flags: flags.split(' ').filter(flag => flag !== ''),
        prepare: api => void api.objects.put('serviceaccounts', 'golden', 'app', {}),
      });
      for (const { name, pod, account } of group) {
        const { annotations } = account;
        const version = program.api.objects.put('serviceaccounts', 'golden', 'app', { annotations });
        await program.webhook.metric(version.metadata.resourceVersion);
        await tally.count(askTwice(program.webhook, name, pod));
      }
    }
    return figureOf(tally, `${cases.length} golden pods, ${byFlags.size} sets of flags ${tally.causes()}`);
  },
};
