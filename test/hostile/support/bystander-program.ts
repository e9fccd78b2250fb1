import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * Sends reviews at a constant rate, whatever becomes of the ones before, as an API server does: connections are kept, 503
 * with Retry-After is tried again within the time of the call, anything else that fails has failed.
 */
export interface BystanderData {
  readonly port: number;
  readonly ca: string;
  readonly body: string;
  readonly intervalMs: number;
}

export interface BystanderResult {
  readonly sent: number;
  readonly failures: readonly string[];
  /** Of the calls that were answered, from the first attempt on, in ascending order. */
  readonly latenciesMs: readonly number[];
}

const { port, ca, body, intervalMs }: BystanderData = workerData;
/** The longest timeoutSeconds of a webhook, so that only what is lost fails on a busy machine; times are reported. */
const callMs = 30_000;
const minCalls = 10;
const agent = new Agent({ keepAlive: true, maxFreeSockets: 25 });
const latenciesMs: number[] = [];
const failures: string[] = [];
const calls: Promise<void>[] = [];

async function attempt(signal: AbortSignal): Promise<{ status: number; retryAfter: number; answer: string }> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const path = '/mutate?timeout=30s';
  const sent = request({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca,
    method: 'POST',
    path,
    headers,
    agent,
    signal,
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  return {
    status: response.statusCode,
    retryAfter: Number(response.headers['retry-after'] ?? 0),
    answer: await text(response),
  };
}

async function call(): Promise<void> {
  const startMs = performance.now();
  const signal = AbortSignal.timeout(callMs);
  try {
    for (;;) {
      const { status, retryAfter, answer } = await attempt(signal);
      if (status === 200 && answer.includes('"patch":"')) break;
      if (status !== 503 || retryAfter === 0) throw new Error(`answered ${status} ${answer}`);
      await delay(retryAfter * 1_000, undefined, { signal });
    }
    latenciesMs.push(performance.now() - startMs);
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
  }
}

// One before the attack: a thread takes a while to start, and API servers have connections already.
await call();
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage('started');
const timer = setInterval(() => calls.push(call()), intervalMs);

async function report(): Promise<void> {
  // Some of them come after an attack that was short.
  while (calls.length < minCalls) await delay(intervalMs);
  clearInterval(timer);
  await Promise.all(calls);
  agent.destroy();
  const result: BystanderResult = {
    sent: calls.length,
    failures,
    latenciesMs: latenciesMs.toSorted((left, right) => left - right),
  };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(result);
}

parentPort?.once('message', () => void report());
