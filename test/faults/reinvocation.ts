import jsonPatch, { type Operation } from 'fast-json-patch';
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
async function patchFor(
  { url, caBundle: ca }: WebhookProcess,
  namespace: string,
  pod: object,
): Promise<readonly Operation[]> {
  const headers = { 'content-type': 'application/json' };
  const sent = request(`${url}?timeout=10s`, { ca, method: 'POST', headers });
  sent.end(reviewOf({ object: pod, namespace }));
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (response?.statusCode !== 200) throw new Error(`expected 200, found ${response?.statusCode}`);
  const { patch } = JSON.parse(await text(response)).response;
  return patch === undefined ? [] : JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
}

async function askTwice(webhook: WebhookProcess, namespace: string, pod: object): Promise<Outcome> {
  const patch = await patchFor(webhook, namespace, pod);
  const patched = jsonPatch.applyPatch(structuredClone(pod), patch, true).newDocument;
  const second = await patchFor(webhook, namespace, patched);
  return second.length === 0
    ? { kind: 'mutated' }
    : { kind: 'failed', cause: `${namespace}: ${JSON.stringify(second)}` };
}

export const reinvocation: Fault = {
  row: 26,
  name: 'a pod is reviewed again (reinvocation, a copy of a running pod)',
  behaviour: 'what is there already is not added again: the second answer has no patch',
  expected: '0 pods that are changed the second time',
  isShort: true,
  waits: false,
  async run() {
    const all = await readGoldenCases();
    // The mapping, and files with associations, are not on the fake API server.
    const cases = all.filter(({ account }) => account.mapping === undefined && account.associated === undefined);
    const tally = new Tally();
    for (const [flags, group] of Map.groupBy(cases, ({ settings }) => settings.flags.join(' '))) {
      await using program = await startProgram({ flags: flags.split(' ').filter(flag => flag !== '') });
      for (const { name, pod, account } of group) {
        const namespace = name.toLowerCase();
        program.api.objects.put('serviceaccounts', namespace, 'app', account);
        await tally.count(askTwice(program.webhook, namespace, pod));
      }
    }
    return figureOf(tally, `${cases.length} of ${all.length} golden pods ${tally.causes()}`);
  },
};
