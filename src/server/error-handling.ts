import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../util/log.ts';
import { quoteHeader, sendError, type ErrorAnswer } from './error-answer.ts';
import { pathOf } from './observe-requests.ts';

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

/** For an exception of ours, which the log has and the client does not get to know. */
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
