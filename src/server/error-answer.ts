import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

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

export function errorBody(detail: string): string {
  return JSON.stringify({ error: detail });
}

const maxQuotedLength = 100;

/** A header's value for a message: as JSON, and not longer than a line. */
export function quoteHeader(value: string | undefined): string {
  if (value === undefined) return 'none';
  return JSON.stringify(value.length > maxQuotedLength ? `${value.slice(0, maxQuotedLength)}…` : value);
}
