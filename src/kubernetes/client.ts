import type { IncomingMessage } from 'node:http';
import { abortable } from '../util/waiting.ts';
import type { JsonObject } from '../util/json.ts';
import type { Connection } from './connection.ts';
import { exchange, type Outgoing, type OutgoingBody, TimeLimit } from './exchange.ts';
import type { KubernetesError } from './kubernetes-error.ts';
import { LineSplitter, bytesOf, readError, readObject } from './response-body.ts';

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
    /** The API server's clock, milliseconds since the epoch, to the second; undefined where it does not tell. */
    readonly serverDateMs?: number | undefined;
  }): void;
}

export interface GetOptions {
  /** Time for the whole answer, body included. */
  readonly timeoutMs: number;
  readonly query?: Query;
  readonly signal?: AbortSignal;
  /** A longer answer is `response_too_large`; without it, one that is longer than any object can be. */
  readonly maxBytes?: number | undefined;
}

export type WriteOptions = Omit<GetOptions, 'query'>;

/** One operation of a JSON Patch (RFC 6902). */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove' | 'test';
  readonly path: string;
  readonly value?: unknown;
}

export interface LinesOptions {
  readonly query: Query;
  readonly signal: AbortSignal;
  /** How long the stream may be silent, asked again after each sign of life. */
  readonly silenceMs: () => number;
  /** Called when the headers have come, and after each piece of the body. */
  readonly onContact: () => void;
}

/**
 * The largest answer, and the largest line of a watch. etcd keeps no object above 1.5 MiB, and JSON makes at most six
 * characters of one, `\u003c`: 10 MiB hold any object, so that none can keep others from being listed.
 */
const maxResponseBytes = 10 * 1024 * 1024;

/**
 * Time for TCP and TLS. Without it a host that is gone costs the kernel's two minutes of retries, and a watch may be
 * silent for longer than that before it is given up.
 */
const connectMs = 10_000;

/** The smallest client for the API server: reads, streams of lines, and writes. Every failure is a KubernetesError. */
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
  get(path: string, options: GetOptions): Promise<JsonObject> {
    return this.#call({ method: 'GET', url: this.#url(path, options.query ?? {}) }, options);
  }

  /**
   * Creates an object in the list at this path and returns it as it is then; with the query `dryRun=All` as it would be.
   * Rejects with `already_exists`.
   */
  create(path: string, object: JsonObject, options: GetOptions): Promise<JsonObject> {
    return this.#call({ method: 'POST', url: this.#url(path, options.query ?? {}), body: jsonBody(object) }, options);
  }

  /**
   * Replaces the object at this path and returns it as it is then. Rejects with `conflict` when its `resourceVersion` is not
   * the newest, and with `not_found`.
   */
  replace(path: string, object: JsonObject, options: WriteOptions): Promise<JsonObject> {
    return this.#call({ method: 'PUT', url: this.#url(path, {}), body: jsonBody(object) }, options);
  }

  /** Applies a JSON Patch and returns the object as it is then. Rejects with `invalid` when a `test` fails. */
  patch(path: string, operations: readonly PatchOperation[], options: WriteOptions): Promise<JsonObject> {
    const body = { contentType: 'application/json-patch+json', text: JSON.stringify(operations) };
    return this.#call({ method: 'PATCH', url: this.#url(path, {}), body }, options);
  }

  async #call(outgoing: Outgoing, options: GetOptions): Promise<JsonObject> {
    using limit = new TimeLimit(options.timeoutMs, options.signal);
    try {
      const response = await this.#open(outgoing, limit.signal);
      return await readObject(response, options.maxBytes ?? maxResponseBytes);
    } catch (error) {
      throw this.#fail(limit.failure(error));
    }
  }

  /** The lines of a stream that goes on until the API server closes it, the caller stops or it falls silent. */
  async *lines(path: string, options: LinesOptions): AsyncGenerator<Buffer, void, undefined> {
    using limit = new TimeLimit(options.silenceMs(), options.signal);
    const splitter = new LineSplitter(maxResponseBytes);
    try {
      const response = await this.#open({ method: 'GET', url: this.#url(path, options.query) }, limit.signal);
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

  /** A 401 may only mean that the token was rotated, so it is read again and the request sent once more. */
  async #open(outgoing: Outgoing, signal: AbortSignal): Promise<IncomingMessage> {
    let response = await this.#send(outgoing, signal);
    if (response.statusCode === 401) {
      response.resume();
      this.#connection.refresh();
      response = await this.#send(outgoing, signal);
    }
    // 201: created.
    if (response.statusCode === 200 || response.statusCode === 201) return response;
    throw await readError(response);
  }

  async #send(outgoing: Outgoing, signal: AbortSignal): Promise<IncomingMessage> {
    // A plugin may take for ever to find credentials; whoever waits for the request does not.
    const credentials = await abortable(this.#connection.credentials(), signal);
    const startMs = this.#now();
    const { method, url } = outgoing;
    const finish = (code: string, date?: string): void => {
      const durationMs = this.#now() - startMs;
      this.#observer.requestFinished({ code, method, host: url.host, durationMs, serverDateMs: parseDate(date) });
    };
    try {
      const response = await exchange(outgoing, credentials, { signal, connectMs });
      finish(String(response.statusCode), response.headers.date);
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

  /** A server that is not trusted any more may have a new CA, which is read again for the next request. */
  #fail(error: KubernetesError): KubernetesError {
    if (isDistrust(error.cause)) this.#connection.refresh();
    return error;
  }
}

function jsonBody(object: JsonObject): OutgoingBody {
  return { contentType: 'application/json', text: JSON.stringify(object) };
}

function parseDate(date: string | undefined): number | undefined {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** True for the errors of TLS, for example UNABLE_TO_VERIFY_LEAF_SIGNATURE or ERR_SSL_TLSV1_ALERT_UNKNOWN_CA. */
function isDistrust(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && /CERT|SIGNATURE|TLS|SSL/.test(String(cause.code));
}
