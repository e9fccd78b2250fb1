import { Agent, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { causeOf, FailureCounter, reviewHeaders, reviewUrl, type Load, type Target } from './load.ts';
import { poissonArrivals, Samples, seededRandom } from './statistics.ts';
import { openWindow } from './window.ts';

export interface OpenLoopOptions {
  readonly ratePerSecond: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
  /** The same seed gives the same arrivals. */
  readonly seed: number;
  /** Length of the right answer: any other is a failure. */
  readonly answerBytes: number;
}

/** Timers fire up to this much late, so the last bit of a wait is spent looking at the clock. */
const timerErrorMs = 2;
/** How long the API server waits for a webhook by default. */
const answerMs = 10_000;

/**
 * Sends reviews at random times that do not depend on the answers, as the API server does. Latency counts from the time at
 * which a review was due: when one has to wait because the webhook or this client is late, that is part of it.
 */
export async function sendOpenLoop(target: Target, body: Buffer, options: OpenLoopOptions): Promise<Load> {
  const { warmUpMs, measuredMs } = options;
  const arrivals = poissonArrivals(options.ratePerSecond, warmUpMs + measuredMs, seededRandom(options.seed));
  const samples = new Samples(arrivals.length);
  const failures = new FailureCounter();
  const agent = createAgent();
  const send = createSender(reviewUrl(target), agent, body, options.answerBytes);
  const startMs = performance.now();
  const answers: Promise<void>[] = [];
  const sendAt = async (dueMs: number): Promise<void> => {
    const failure = await send();
    if (dueMs < startMs + warmUpMs) return;
    if (failure === undefined) samples.add(performance.now() - dueMs);
    else failures.add(failure);
  };
  let window = undefined;
  for (const arrival of arrivals) {
    const dueMs = startMs + arrival;
    await waitUntil(dueMs);
    if (window === undefined && arrival >= warmUpMs) window = openWindow(target);
    answers.push(sendAt(dueMs));
  }
  await Promise.all(answers);
  if (window === undefined) throw new RangeError('expected a measurement in which at least one review is sent');
  const load = window.close({ samples, failures: failures.counts() });
  agent.destroy();
  return load;
}

/**
 * The transport of kube-apiserver: HTTP/1.1, at most 25 idle connections, the latest used again first, new ones whenever none
 * is idle, and a full TLS handshake for each. It works on at most 200 mutating requests at a time, so a webhook never has more
 * from one API server (`--max-mutating-requests-inflight`); those beyond wait (decision 6).
 */
function createAgent(): Agent {
  return new Agent({
    keepAlive: true,
    maxFreeSockets: 25,
    maxSockets: 200,
    scheduling: 'lifo',
    maxCachedSessions: 0,
    ALPNProtocols: ['http/1.1'],
    // Only loopback addresses are called, and what a client does with the certificate costs the server nothing.
    rejectUnauthorized: false,
  });
}

/** A function that sends the body, and says what was wrong with the answer, if anything. */
function createSender(url: URL, agent: Agent, body: Buffer, answerBytes: number): () => Promise<string | undefined> {
  const options = {
    method: 'POST',
    agent,
    headers: { ...reviewHeaders, 'content-length': body.length },
    timeout: answerMs,
  };
  return () =>
    new Promise(resolve => {
      const sent = request(url, options, response => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        response.on('end', () => {
          if (response.statusCode !== 200) resolve(`HTTP ${response.statusCode}`);
          else resolve(bytes === answerBytes ? undefined : 'another answer');
        });
        response.on('error', error => resolve(causeOf(error)));
      });
      sent.on('timeout', () => sent.destroy(new Error('timed out')));
      sent.on('error', error => resolve(causeOf(error)));
      sent.end(body);
    });
}

async function waitUntil(dueMs: number): Promise<void> {
  const waitMs = dueMs - performance.now() - timerErrorMs;
  if (waitMs > 0) await delay(waitMs);
  // Each turn of the event loop also takes in the answers that have come.
  while (performance.now() < dueMs) await new Promise(resolve => setImmediate(resolve));
}
