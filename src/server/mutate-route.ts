import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { createFairBudget } from '../util/fair-budget.ts';
import type { Log } from '../util/log.ts';
import type { App } from './create-app.ts';
import { failureAnswer, unsupportedMediaType, writeError, type ErrorAnswer } from './errors.ts';
import type { ServerLimits } from './limits.ts';
import { readBody, receivesPerRound, type RequestBody } from './request-body.ts';
import { refuse, Review, type Exchange, type ReviewOptions, type ReviewResources } from './review.ts';
import { createLongTurns, createShortTurns, reviewsPerRound } from './turns.ts';

export interface MutateRouteOptions extends Omit<ReviewOptions, 'refusals'> {
  readonly log: Log;
}

/**
 * POST of an AdmissionReview: from its bytes to the reviewer, from the reviewer's answer to a status. Fastify finds the
 * route and hands over there: what it does for the body and the answer, which are bytes here, took a fifth of the time of
 * an exchange without the review itself (71 and 56 µs).
 */
export function addMutateRoute({ fastify, connections, refusals }: App, options: MutateRouteOptions): void {
  const { log, now } = options;
  const resources = createResources({ ...options, refusals });
  fastify.post('/mutate', {
    onRequest(request, reply) {
      reply.hijack();
      const { raw: response } = reply;
      const peer = connections.of(request.raw.socket)?.peer ?? '';
      const exchange = { request: request.raw, response, peer, timeout: timeoutOf(request), startedMs: now() };
      receiveReview(exchange, resources).catch((error: unknown) => {
        const answer = failureAnswer(error, '/mutate', log);
        if (response.headersSent) response.destroy();
        else writeError(response, answer);
      });
    },
    handler: () => undefined, // never reached, and demanded by Fastify
  });
}

function timeoutOf({ query }: FastifyRequest): unknown {
  return typeof query === 'object' && query !== null && 'timeout' in query ? query.timeout : undefined;
}

function createResources(options: ReviewOptions): ReviewResources {
  const { limits, now } = options;
  return {
    ...options,
    bodies: createFairBudget({ totalBytes: limits.bodyBytesInFlight, now }),
    discards: createFairBudget({ totalBytes: limits.bodiesDiscarded, now }),
    answers: createFairBudget({ totalBytes: limits.answerBytesInFlight, now }),
    longTurns: createLongTurns(),
    shortTurns: createShortTurns(reviewsPerRound),
    receiveTurns: createShortTurns(receivesPerRound),
  };
}

async function receiveReview(exchange: Exchange, resources: ReviewResources): Promise<void> {
  const { request, response, peer } = exchange;
  const { bodies, discards, limits, receiveTurns: turns } = resources;
  if (!isJson(request.headers['content-type'])) return writeError(response, unsupportedMediaType(request));
  const declaredBytes = declaredLength(request.headers);
  if (declaredBytes !== undefined && declaredBytes > limits.bodyBytes) return writeError(response, tooLarge(limits));
  const body = await readBody(request, {
    peer,
    limitBytes: limits.bodyBytes,
    declaredBytes,
    budget: bodies,
    discards,
    turns,
  });
  if (body.kind !== 'read') return refuseBody(exchange, resources, body.kind);
  try {
    const later = new Review(exchange, resources, body).conclude();
    if (later !== undefined) await later;
  } finally {
    body.claim?.release();
  }
}

/** Upper and lower case and parameters make no difference (RFC 9110 section 8.3.1). */
function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

/** Node.js has refused what is no number. */
function declaredLength(headers: IncomingHttpHeaders): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

function tooLarge({ bodyBytes }: ServerLimits): ErrorAnswer {
  return { code: 413, detail: `expected a body of at most ${bodyBytes} bytes, found more` };
}

function refuseBody(
  exchange: Exchange,
  { limits, refusals }: ReviewResources,
  kind: Exclude<RequestBody['kind'], 'read'>,
): void {
  switch (kind) {
    case 'aborted':
      return;
    case 'too_large':
      return writeError(exchange.response, tooLarge(limits));
    case 'over_budget':
      return refuse(exchange, refusals, 'body_bytes', 'too many bytes in request bodies at once');
    case 'over_budget_cut':
      refusals.add('body_bytes', exchange.peer);
      return void exchange.request.socket.destroy();
    case 'too_many_pieces':
      refusals.add('pieces', exchange.peer);
      return void exchange.request.socket.destroy(); // at once: whatever else has come is in pieces too
  }
}
