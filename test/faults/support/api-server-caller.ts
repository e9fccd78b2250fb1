import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from './tally.ts';

/** Go's http.DefaultTransport, which client-go takes over: MaxIdleConnsPerHost of client-go, IdleConnTimeout. */
const idleConnections = 25;
const idleMs = 90_000;
/** client-go rest/with_retry.go: maxRetries. */
const maxRetries = 10;
/** The default of a webhook. */
const timeoutSeconds = 10;

export interface CallerOptions {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  /** The address that it calls from. Default: the one that the kernel chooses. */
  readonly localAddress?: string;
}

/**
 * Calls the webhook as kube-apiserver does: up to 25 idle connections are kept for 90 s, the last used first; 429 and 5xx
 * are tried again when they say Retry-After, up to ten times within the time of the call; a broken connection is a failed
 * call. (Go tries again where it has not written a byte yet. Here that is a failure too, so this client is the stricter.)
 */
export class ApiServerCaller implements Disposable {
  readonly #options: CallerOptions;
  readonly #agent = new KeptConnections();
  /** Answers that said to come again. */
  retries = 0;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /** The outcome for a review of a pod that has to get an identity. */
  async call(review: string, hasIdentity: (answer: string) => boolean = hasPatch): Promise<Outcome> {
    const signal = AbortSignal.timeout(timeoutSeconds * 1_000);
    for (let attempt = 0; ; attempt += 1) {
      const { status, retryAfter, body } = await this.#attempt(review, signal);
      if (status === 200) return { kind: hasIdentity(body) ? 'mutated' : 'unmutated' };
      const isToRetry = (status === 429 || status >= 500) && Number.isInteger(retryAfter) && attempt < maxRetries;
      if (!isToRetry) return { kind: 'failed', cause: `HTTP ${status}` };
      this.retries += 1;
      await delay(retryAfter * 1_000, undefined, { signal });
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #attempt(review: string, signal: AbortSignal): Promise<{ status: number; retryAfter: number; body: string }> {
    const sent = request({
      ...this.#options,
      ...{ host: '127.0.0.1', servername: 'localhost', signal, agent: this.#agent },
      method: 'POST',
      path: `/mutate?timeout=${timeoutSeconds}s`,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(review),
        accept: 'application/json, */*',
        'user-agent': 'kube-apiserver-admission',
      },
    });
    sent.end(review);
    const [response]: IncomingMessage[] = await once(sent, 'response');
    if (response === undefined) throw new Error('expected a response, found none');
    const retryAfter = response.headers['retry-after'] === undefined ? NaN : Number(response.headers['retry-after']);
    return { status: response.statusCode ?? 0, retryAfter, body: await text(response) };
  }
}

function hasPatch(answer: string): boolean {
  return answer.includes('"patch":"');
}

/** Node would keep a connection for as long as the server says; Go does not read that. */
class KeptConnections extends Agent {
  constructor() {
    super({ keepAlive: true, maxFreeSockets: idleConnections, scheduling: 'lifo' });
  }

  override keepSocketAlive(socket: Duplex & { setTimeout?: (ms: number) => void }): boolean {
    socket.setTimeout?.(idleMs);
    return true;
  }

  override reuseSocket(socket: Duplex & { setTimeout?: (ms: number) => void }, sent: ClientRequest): void {
    socket.setTimeout?.(0);
    super.reuseSocket(socket, sent);
  }
}
