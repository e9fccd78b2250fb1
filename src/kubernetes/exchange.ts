import { request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Credentials } from './connection.ts';
import { timerMs } from '../util/waiting.ts';
import { errorText } from '../util/error-text.ts';
import { KubernetesError } from './kubernetes-error.ts';

export interface ExchangeOptions {
  readonly signal: AbortSignal;
  /** Time for TCP and TLS. */
  readonly connectMs: number;
}

/** How often a request is sent again because the kept connection it was written to had been closed meanwhile. */
const maxReconnects = 3;

/** JSON before anything else; the keys of the token issuer come only as `application/jwk-set+json`, and are JSON too. */
const accept = 'application/json, */*';

/** One request; only those that write have a body. */
export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly url: URL;
  readonly body?: OutgoingBody;
}

export interface OutgoingBody {
  readonly contentType: string;
  readonly text: string;
}

/**
 * Sends one request and resolves when its headers have come. Rejects with the error of Node.js. Writes are sent again too:
 * when the first did arrive after all, the second is refused as a conflict, which whoever writes has to expect anyway.
 * https://nodejs.org/api/http.html#requestreusedsocket
 */
export async function exchange(
  outgoing: Outgoing,
  credentials: Credentials,
  options: ExchangeOptions,
): Promise<IncomingMessage> {
  for (let reconnects = 0; ; reconnects += 1) {
    const sent = send(outgoing, credentials, options);
    try {
      return await sent.response;
    } catch (error) {
      if (reconnects >= maxReconnects || !sent.request.reusedSocket || !isReset(error)) throw error;
    }
  }
}

interface Sent {
  readonly request: ClientRequest;
  readonly response: Promise<IncomingMessage>;
}

function send({ method, url, body }: Outgoing, credentials: Credentials, { signal, connectMs }: ExchangeOptions): Sent {
  const content = body === undefined ? {} : { 'content-type': body.contentType };
  const request = (url.protocol === 'http:' ? plainRequest : tlsRequest)(url, {
    method,
    agent: credentials.agent,
    headers: { accept, 'user-agent': 'irsa-webhook', ...content, ...credentials.headers },
    signal,
  });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  limitConnecting(request, connectMs);
  request.end(body?.text);
  return { request, response };
}

function limitConnecting(request: ClientRequest, connectMs: number): void {
  const timer = setTimeout(() => {
    request.destroy(new Error(`expected a connection within ${connectMs} ms`));
  }, connectMs);
  const connected = (): void => clearTimeout(timer);
  request.once('close', connected);
  request.once('socket', socket => {
    if (socket.connecting) socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', connected);
    else connected();
  });
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

/**
 * The end of one request: its signal aborts when the time is over, or when the caller's own signal does.
 * The reason of the abort is always a KubernetesError.
 */
export class TimeLimit {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #onCallerAbort: () => void;
  #timer: NodeJS.Timeout;

  constructor(ms: number, caller?: AbortSignal) {
    this.#caller = caller;
    this.#onCallerAbort = () => this.#controller.abort(new KubernetesError('aborted', 'ended by the caller'));
    if (caller?.aborted === true) this.#onCallerAbort();
    else caller?.addEventListener('abort', this.#onCallerAbort);
    this.#timer = this.#startTimer(ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Begins another `ms` milliseconds from now. */
  restart(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#startTimer(ms);
  }

  /** Why the request failed: the reason of the abort, or the given error where this limit did not end it. */
  failure(error: unknown): KubernetesError {
    const reason: unknown = this.signal.aborted ? this.signal.reason : error;
    if (reason instanceof KubernetesError) return reason;
    const message = `expected an answer from the API server: ${errorText(reason)}`;
    return new KubernetesError('connection_failed', message, { cause: reason });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#onCallerAbort);
  }

  #startTimer(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const message = `expected the API server to send something within ${Math.round(ms)} ms`;
      this.#controller.abort(new KubernetesError('timed_out', message));
    }, timerMs(ms));
  }
}
