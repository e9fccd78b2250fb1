import type { IncomingMessage } from 'node:http';
import { abortable } from '../util/abortable.ts';
import type { JsonObject } from '../util/type-guards.ts';
import type { Connection } from './connection.ts';
import { exchange } from './exchange.ts';
import type { KubernetesError } from './kubernetes-error.ts';
import { LineSplitter } from './line-splitter.ts';
import { bytesOf, readError, readObject } from './response-body.ts';
import { TimeLimit } from './time-limit.ts';

/** Parameters of a request; those that are undefined are left out. */
export type Query = Readonly<Record<string, string | undefined>>;

/** What the metrics are told of each request: `rest_client_requests_total{code,method,host}` and its duration. */
export interface RequestObserver {
  /** `code` is the HTTP status, or `<error>` where there was none (as client-go has it); time until the headers came. */
  requestFinished(request: {
    readonly code: string;
    readonly method: string;
    readonly host: string;
    readonly durationMs: number;
  }): void;
}

export interface GetOptions {
  /** Time for the whole answer, body included. */
  readonly timeoutMs: number;
  readonly query?: Query;
  readonly signal?: AbortSignal;
}

export interface LinesOptions {
  readonly query: Query;
  readonly signal: AbortSignal;
  /** How long the stream may be silent, asked anew after each sign of life. */
  readonly silenceMs: () => number;
  /** Called when the headers have come, and after each piece of the body. */
  readonly onContact: () => void;
}

/**
 * The largest answer, and the largest line of a watch. The API server takes no request above 3 MiB and etcd keeps no object
 * above 1.5 MiB, so 8 MiB holds any object, and a page of 500 ServiceAccounts of 16 KiB each.
 */
const maxResponseBytes = 8 * 1024 * 1024;

/**
 * Time for TCP and TLS. Without it a host that is gone costs the kernel's two minutes of retries, and a watch may be
 * silent for longer than that before it is given up.
 */
const connectMs = 10_000;

/** The smallest client for the API server: GET, and GET as a stream of lines. Every failure is a KubernetesError. */
export class KubernetesClient {
  readonly #connection: Connection;
  readonly #observer: RequestObserver;
  readonly #now: () => number;

  /** `now` gives monotonic milliseconds. */
  constructor(connection: Connection, observer: RequestObserver, now: () => number) {
    this.#connection = connection;
    this.#observer = observer;
    this.#now = now;
  }

  /** The JSON object at this path. */
  async get(path: string, options: GetOptions): Promise<JsonObject> {
    using limit = new TimeLimit(options.timeoutMs, options.signal);
    try {
      const response = await this.#open(path, options.query ?? {}, limit.signal);
      return await readObject(response, maxResponseBytes);
    } catch (error) {
      throw this.#fail(limit.failure(error));
    }
  }

  /** The lines of a stream that goes on until the API server closes it, the caller stops or it falls silent. */
  async *lines(path: string, options: LinesOptions): AsyncGenerator<Buffer, void, undefined> {
    using limit = new TimeLimit(options.silenceMs(), options.signal);
    const splitter = new LineSplitter(maxResponseBytes);
    try {
      const response = await this.#open(path, options.query, limit.signal);
      options.onContact();
      for await (const chunk of bytesOf(response)) {
        options.onContact();
        for (const line of splitter.push(chunk)) yield line;
        limit.restart(options.silenceMs());
      }
    } catch (error) {
      throw this.#fail(limit.failure(error));
    }
  }

  /** A 401 may only mean that the token was rotated, so it is read anew and the request sent once more. */
  async #open(path: string, query: Query, signal: AbortSignal): Promise<IncomingMessage> {
    const url = this.#url(path, query);
    let response = await this.#send(url, signal);
    if (response.statusCode === 401) {
      response.resume();
      this.#connection.refresh();
      response = await this.#send(url, signal);
    }
    if (response.statusCode === 200) return response;
    throw await readError(response);
  }

  async #send(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    // A plugin may take for ever to find credentials; whoever waits for the request does not.
    const credentials = await abortable(this.#connection.credentials(), signal);
    const startMs = this.#now();
    const finish = (code: string): void =>
      this.#observer.requestFinished({ code, method: 'GET', host: url.host, durationMs: this.#now() - startMs });
    try {
      const response = await exchange(url, credentials, { signal, connectMs });
      finish(String(response.statusCode));
      return response;
    } catch (error) {
      finish('<error>');
      throw error;
    }
  }

  #url(path: string, query: Query): URL {
    const url = new URL(this.#connection.server);
    url.pathname = url.pathname.replace(/\/$/, '') + path;
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url;
  }

  /** A server that is not trusted any more may have a new CA, which is read anew for the next request. */
  #fail(error: KubernetesError): KubernetesError {
    if (isDistrust(error.cause)) this.#connection.refresh();
    return error;
  }
}

/** True for the errors of TLS, for example UNABLE_TO_VERIFY_LEAF_SIGNATURE or ERR_SSL_TLSV1_ALERT_UNKNOWN_CA. */
function isDistrust(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && /CERT|SIGNATURE|TLS|SSL/.test(String(cause.code));
}
