import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { reviewOf } from '../../admission/support.ts';
import type { WebhookProcess } from '../../support/webhook-process.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A review of a pod of `ns/<serviceAccount>`. */
export function reviewFor(serviceAccount: string, metadata: object = { name: 'app' }): string {
  const spec = { serviceAccountName: serviceAccount, containers: [{ name: 'app' }] };
  return reviewOf({ object: { apiVersion: 'v1', kind: 'Pod', metadata, spec } });
}

/** Posts a review as the API server does. Without an agent on a connection of its own. */
export async function post(
  { url, caBundle }: WebhookProcess,
  body: string,
  agent: Agent | false = false,
): Promise<Answer> {
  const posted = request(`${url}?timeout=10s`, {
    method: 'POST',
    ca: caBundle,
    agent,
    headers: { 'content-type': 'application/json' },
  });
  posted.end(body);
  const [response]: IncomingMessage[] = await once(posted, 'response');
  if (response === undefined) throw new Error('expected a response, found none');
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

/** The JSON Patch of an answer, as text; empty when there is none. */
export function patchOf({ body }: Answer): string {
  return Buffer.from(JSON.parse(body).response.patch ?? '', 'base64').toString('utf8');
}

export interface Load {
  /** How many were answered with an identity so far. */
  readonly answered: number;
  /** Stops sending, waits for what is on its way, and gives what was not answered with an identity. */
  stop(): Promise<readonly string[]>;
}

/**
 * Sends reviews at a steady rate, whatever becomes of those before: two thirds on connections that are kept, as the API
 * server has them, the rest on new ones.
 */
export function startLoad(webhook: WebhookProcess, intervalMs = 5): Load {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 25, scheduling: 'lifo' });
  const body = reviewFor('app');
  const failures: string[] = [];
  const underway = new Set<Promise<void>>();
  let answered = 0;
  let sent = 0;
  const send = async (): Promise<void> => {
    sent += 1;
    try {
      const answer = await post(webhook, body, sent % 3 === 0 ? false : agent);
      if (answer.status !== 200) failures.push(`status ${answer.status}`);
      else if (patchOf(answer).includes('AWS_ROLE_ARN')) answered += 1;
      else failures.push('no identity');
    } catch (error) {
      failures.push(String(error));
    }
  };
  const timer = setInterval(() => {
    const sending = send().finally(() => underway.delete(sending));
    underway.add(sending);
  }, intervalMs);
  return {
    get answered() {
      return answered;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(underway);
      agent.destroy();
      return failures;
    },
  };
}
