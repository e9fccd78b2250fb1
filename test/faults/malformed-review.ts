import { request } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { pod, reviewOf } from '../admission/support.ts';
import { runCases } from '../fuzz/run-cases.ts';
import { startProgram } from '../integration/program/program-on-fake-api.ts';
import type { WebhookProcess } from '../support/webhook-process.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { startLoad } from './support/load.ts';
import { ApiServerCaller } from './support/api-server-caller.ts';
import { sum, Tally, type Outcome } from './support/tally.ts';

interface Malformed {
  readonly name: string;
  readonly body: string;
  readonly contentType?: string;
  /** Default: 4xx. */
  readonly isAllowed?: boolean;
}

const containers = Array.from({ length: 1_000 }, (_, index) => ({ name: `c${index}`, env: null, volumeMounts: [] }));

const bodies: readonly Malformed[] = [
  { name: 'empty', body: '' },
  { name: 'truncated', body: reviewOf().slice(0, -20) },
  { name: 'not JSON', body: 'apiVersion: v1' },
  { name: 'null', body: 'null' },
  { name: 'list', body: '[]' },
  { name: 'no request', body: reviewOf({}, { request: null }) },
  { name: 'no uid', body: reviewOf({ uid: undefined }) },
  { name: 'other content type', body: reviewOf(), contentType: 'text/plain' },
  { name: 'other kind', body: reviewOf({}, { kind: 'PodList' }) },
  { name: 'other version', body: reviewOf({}, { apiVersion: 'admission.k8s.io/v9' }) },
  { name: 'v1beta1', body: reviewOf({}, { apiVersion: 'admission.k8s.io/v1beta1' }), isAllowed: true },
  { name: 'UPDATE', body: reviewOf({ operation: 'UPDATE', oldObject: pod }), isAllowed: true },
  { name: 'subresource', body: reviewOf({ subResource: 'status', operation: 'UPDATE' }), isAllowed: true },
  { name: 'null fields', body: reviewOf({ object: { ...pod, metadata: null } }), isAllowed: true },
  { name: 'no containers', body: reviewOf({ object: { ...pod, spec: { containers: [] } } }), isAllowed: true },
  { name: 'null containers', body: reviewOf({ object: { ...pod, spec: { containers: null } } }), isAllowed: true },
  {
    name: '1,000 containers',
    body: reviewOf({ object: { ...pod, spec: { serviceAccountName: 'app', containers } } }),
    isAllowed: true,
  },
];

async function post(webhook: WebhookProcess, malformed: Malformed): Promise<Outcome> {
  const { body, contentType = 'application/json', isAllowed = false, name } = malformed;
  const { caBundle: ca, url } = webhook;
  const sent = request(`${url}?timeout=10s`, { ca, method: 'POST', headers: { 'content-type': contentType } });
  sent.end(body);
  const [response]: IncomingMessage[] = await once(sent, 'response');
  const answer = response === undefined ? '' : await text(response);
  const status = response?.statusCode ?? 0;
  const isRight = isAllowed ? status === 200 && answer.includes('"allowed":true') : status >= 400 && status < 500;
  return isRight ? { kind: 'mutated' } : { kind: 'failed', cause: `${name}: ${status} ${answer.slice(0, 100)}` };
}

export const malformedReview: Fault = {
  row: 17,
  name: 'reviews that are malformed, or of something else',
  behaviour:
    'what cannot be read is a 4xx that says what was expected; what is not the creation of a pod is allowed; each patch applies',
  expected: '0 others than 4xx or allowed; 0 bad patches (`make fuzz`: of 1,000,000 cases)',
  isShort: true,
  waits: false,
  async run(lab) {
    await using program = await startProgram();
    const { webhook } = program;
    using caller = new ApiServerCaller({ port: webhook.port, ca: webhook.caBundle });
    const good = reviewOf();
    const others = startLoad(50, () => caller.call(good));
    const tally = new Tally();
    for (const malformed of bodies) await tally.count(post(webhook, malformed));
    const cases = byForm(lab, { short: 200, usual: 20_000, long: 1_000_000 });
    const seed = Date.now() % 2 ** 31;
    let done = 0;
    let failure: string | undefined;
    // In pieces, so that the others are sent meanwhile.
    for (; done < cases && failure === undefined; done += 200) {
      failure = runCases(seed + done, 200).failure?.problems.join(', ');
      await new Promise(resolve => setTimeout(resolve, 1));
    }
    const tallies = [tally, await others.stop()];
    const detail = `${bodies.length} malformed; ${done} made-up cases from seed ${seed}`;
    return figureOf(sum(tallies), `${detail} ${tallies.map(one => one.causes()).join(' ')}`, [
      failure !== undefined && failure,
      !webhook.isRunning() && 'the process ended',
    ]);
  },
};
