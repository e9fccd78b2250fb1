import { Agent, request } from 'node:https';
import { TLSSocket } from 'node:tls';
import { answerProblem } from './answer-problem.ts';
import { reviewHeaders, reviewUrl, type Target } from './load.ts';
import type { Review } from './reviews.ts';
import { measuredAccount } from './service-accounts.ts';

/** What a webhook answered to each review, once its answers were found to be right. */
export interface Checked {
  /** Name of the review -> length of its answer. */
  readonly answerBytes: ReadonlyMap<string, number>;
  /** For example `TLSv1.3`. */
  readonly tlsVersion: string;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly tlsVersion: string;
}

/** Of an answer that is wrong; enough to recognize it by. */
const shownCharacters = 300;

/** Sends each review once and looks at what the answer makes of the pod. Rejects when it does not give it its identity. */
export async function checkWebhook(target: Target, reviews: readonly Review[]): Promise<Checked> {
  const answerBytes = new Map<string, number>();
  let tlsVersion = '';
  for (const { name, body } of reviews) {
    const answer = await send(target, body).catch((error: unknown) => {
      throw new Error(`${target.name}: expected an answer at ${target.url.href}`, { cause: error });
    });
    const text = answer.body.toString('utf8');
    const problem = answer.status === 200 ? answerProblem(body.toString('utf8'), text) : `found HTTP ${answer.status}`;
    if (problem !== undefined) {
      const { namespace, name: account } = measuredAccount;
      throw new Error(
        `${target.name}: wrong answer to the review of ${name}: ${problem}, found ${text.slice(0, shownCharacters)} ` +
          `(the pod runs as ServiceAccount ${namespace}/${account}, which bench/api-server-process.ts has)`,
      );
    }
    answerBytes.set(name, answer.body.length);
    tlsVersion = answer.tlsVersion;
  }
  return { answerBytes, tlsVersion };
}

function send(target: Target, body: Buffer): Promise<Answer> {
  const agent = new Agent({ rejectUnauthorized: false });
  const headers = { ...reviewHeaders, 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const sent = request(reviewUrl(target), { method: 'POST', agent, headers }, response => {
      const chunks: Buffer[] = [];
      const tlsVersion = response.socket instanceof TLSSocket ? (response.socket.getProtocol() ?? '') : '';
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), tlsVersion }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
