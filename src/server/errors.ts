import { STATUS_CODES, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../util/log.ts';
import type { Connections } from './connections.ts';
import type { ServerLimits } from './limits.ts';

/** An error as clients see it: an HTTP status and one line that says what was expected and what was found. */
export interface ErrorAnswer {
  readonly code: 400 | 404 | 405 | 413 | 415 | 431 | 500 | 503;
  readonly detail: string;
  /** The methods that this path has (405). */
  readonly allow?: string;
}

/** Sends an error as JSON. */
export function sendError(reply: FastifyReply, answer: ErrorAnswer): void {
  reply.code(answer.code).headers(headersOf(answer)).send(errorBody(answer.detail));
}

/** The same for a response that is not Fastify's any more. */
export function writeError(response: ServerResponse, answer: ErrorAnswer): void {
  const body = errorBody(answer.detail);
  response.writeHead(answer.code, { ...headersOf(answer), 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/**
 * A 503 carries `Retry-After: 1` and closes the connection: kube-apiserver then asks again, on a new connection and so
 * perhaps another replica, until the timeout of the call (decision 2).
 */
function headersOf({ code, allow }: ErrorAnswer): OutgoingHttpHeaders {
  return {
    'content-type': 'application/json; charset=utf-8',
    ...(allow !== undefined && { allow }),
    ...(code === 503 && { 'retry-after': '1' }),
    // Where the body was not read to its end, what follows on the connection is no request.
    ...(code !== 400 && { connection: 'close' }),
  };
}

function errorBody(detail: string): string {
  return JSON.stringify({ error: detail });
}

/** Path -> the methods it has, as in the `Allow` header. */
export type Routes = ReadonlyMap<string, string>;

/** Answers what no route answers (404, 405) and what went wrong (by status), always as our short JSON. */
export function handleErrors(app: FastifyInstance, routes: Routes, log: Log): void {
  app.setNotFoundHandler((request, reply) => sendError(reply, unroutedAnswer(request, routes)));
  app.setErrorHandler((error, request, reply) => {
    // Fastify looks at the Content-Type before it notices that there is no such path.
    if (request.is404) return sendError(reply, unroutedAnswer(request, routes));
    sendRequestError(error, request, reply, log);
  });
}

function unroutedAnswer({ method, url }: FastifyRequest, routes: Routes): ErrorAnswer {
  const allow = routes.get(pathOf(url));
  if (allow !== undefined) return { code: 405, detail: `expected the method ${allow}, found ${method}`, allow };
  return { code: 404, detail: `expected one of the paths ${[...routes.keys()].join(', ')}, found another` };
}

/** For errors that Fastify finds itself, and for exceptions of ours. */
function sendRequestError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): void {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  if (status === 415) return sendError(reply, unsupportedMediaType(request));
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return sendError(reply, { code: 400, detail: 'expected an HTTP request that can be read' });
  }
  sendError(reply, failureAnswer(error, pathOf(request.url), log));
}

/** For an exception of ours, whose text is in the log and not in the answer. */
export function failureAnswer(error: unknown, path: string, log: Log): ErrorAnswer {
  log.error('Request failed.', {
    path,
    error: error instanceof Error ? error.name : typeof error,
    detail: error instanceof Error ? error.message : undefined,
  });
  return { code: 500, detail: 'internal error, see the log' };
}

export function unsupportedMediaType({ headers }: Pick<IncomingMessage, 'headers'>): ErrorAnswer {
  return {
    code: 415,
    detail: `expected the Content-Type application/json, found ${quoteHeader(headers['content-type'])}`,
  };
}

const maxQuotedLength = 100;

/** A header's value for a message: as JSON, and not longer than a line. */
function quoteHeader(value: string | undefined): string {
  if (value === undefined) return 'none';
  return JSON.stringify(value.length > maxQuotedLength ? `${value.slice(0, maxQuotedLength)}…` : value);
}

/** The URL without its query. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

type ClientError = Error & { readonly code?: string };

/**
 * Creates what answers bytes that are no HTTP request, and requests that are not there in time. `connections` are those of
 * the server. A failed handshake is just closed.
 */
export function createClientErrorHandler(
  limits: ServerLimits,
  connections: Connections,
): (error: ClientError, socket: Socket) => void {
  return ({ code = '' }, socket) => {
    const hasBegun = socket.bytesRead > 0;
    // What comes behind a request must not be taken for its answer.
    if (connections.of(socket)?.owesCompleteRequest === true) return void socket.destroy();
    if (code !== timeout || hasBegun) return endWith(socket, answerFor(code));
    // Go's HTTP client opens a connection for a request, may send that on another one which has become free meanwhile, and
    // keeps the new one for a later request (net/http, Transport.dialConnFor): it is as idle as any other.
    if (connections.size > limits.quietConnections) socket.destroy();
    else socket.setTimeout(limits.keepAliveMs); // with no listener of ours the HTTP server closes it then
  };
}

const timeout = 'ERR_HTTP_REQUEST_TIMEOUT';

function answerFor(code: string): ErrorAnswer | undefined {
  // Not 408: it may be this process that got no time to read what has long been there, and kube-apiserver asks again at 503
  // only.
  if (code === timeout) return { code: 503, detail: 'expected the whole request in time' };
  if (code === 'HPE_HEADER_OVERFLOW') return { code: 431, detail: 'expected at most 16 KiB of headers' };
  if (code.startsWith('HPE_')) return { code: 400, detail: 'expected an HTTP/1.1 request' };
  return undefined;
}

function endWith(socket: Socket, answer: ErrorAnswer | undefined): void {
  if (answer === undefined || !socket.writable) {
    socket.destroy();
    return;
  }
  const { code, detail } = answer;
  const body = errorBody(detail);
  const retryAfter = code === 503 ? 'Retry-After: 1\r\n' : '';
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\nConnection: close\r\n${retryAfter}` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
