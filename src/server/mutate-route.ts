import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ReviewAnswer, Reviewer } from '../admission/answer.ts';
import { assertNever } from '../util/assert-never.ts';
import { createBodyBudget } from './body-budget.ts';
import { sendError, type ErrorAnswer } from './error-answer.ts';
import { unsupportedMediaType } from './error-handling.ts';
import type { ServerLimits } from './limits.ts';
import type { ReviewObserver } from './observers.ts';
import { discardBody, readBody, releaseBytes } from './request-body.ts';
import { waitMsFor } from './review-deadline.ts';
import { hasTooManyParts, maxReviewParts } from './review-size.ts';
import { createTurns } from './turns.ts';

export interface MutateRouteOptions {
  readonly reviewer: Reviewer;
  readonly observer: ReviewObserver;
  readonly limits: ServerLimits;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** A request for a review, its answer, and when its headers were there. */
interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly startedMs: number;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** POST of an AdmissionReview: from its bytes to the reviewer, from the reviewer's answer to a status. */
export function createMutateHandler(options: MutateRouteOptions): Handler {
  const { limits, now } = options;
  const budget = createBodyBudget(limits.bodyBytesInFlight);
  const largeTurn = createTurns();
  return async (request, reply) => {
    const exchange = { request, reply, startedMs: now() };
    if (!isJson(request.headers['content-type'])) return sendError(reply, unsupportedMediaType(request));
    const declared = declaredBytes(request.headers, limits);
    if (declared > limits.bodyBytes) return sendError(reply, tooLarge(limits));
    const bytes = declared <= limits.smallBodyBytes ? 0 : declared;
    if (!budget.reserve(bytes)) {
      await discardBody(request.raw, limits.bodyBytes);
      return sendError(reply, { code: 503, detail: 'too many large request bodies at once' });
    }
    try {
      await receiveReview(exchange, options, largeTurn);
    } finally {
      budget.release(bytes);
    }
  };
}

/** Upper and lower case and parameters make no difference (RFC 9110 section 8.3.1). */
function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

/** The length of the body; of a chunked one, which does not say, the longest that it may have. */
function declaredBytes(headers: IncomingHttpHeaders, limits: ServerLimits): number {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length); // Node.js has refused what is no number
  return headers['transfer-encoding'] === undefined ? 0 : limits.bodyBytes;
}

/** The length of a large body that gives one; small ones come in a piece or two. */
function largeLength(headers: IncomingHttpHeaders, limits: ServerLimits): number | undefined {
  const length = Number(headers['content-length'] ?? 0);
  return length > limits.smallBodyBytes ? length : undefined;
}

function tooLarge({ bodyBytes }: ServerLimits): ErrorAnswer {
  return { code: 413, detail: `expected a body of at most ${bodyBytes} bytes, found more` };
}

const tooManyParts: ReviewAnswer = {
  kind: 'unreadable',
  detail: `expected a review of at most ${maxReviewParts} objects, lists, members and entries, found more`,
};

async function receiveReview(
  exchange: Exchange,
  options: MutateRouteOptions,
  largeTurn: () => Promise<void>,
): Promise<void> {
  const { request, reply, startedMs } = exchange;
  const { limits, now, observer, reviewer } = options;
  const body = await readBody(request.raw, limits.bodyBytes, largeLength(request.headers, limits));
  if (body.kind === 'aborted') return;
  if (body.kind === 'too_large') return sendError(reply, tooLarge(limits));
  const { bytes } = body;
  const readMs = now();
  const isLarge = bytes.length > limits.smallBodyBytes;
  if (isLarge) await largeTurn();
  if (request.socket.destroyed) return observer.abandoned();
  const waitMs = waitMsFor(timeoutOf(request), now() - startedMs);
  // Bytes that are no UTF-8 become U+FFFD, as in Go.
  const text = isLarge && hasTooManyParts(bytes) ? undefined : bytes.toString('utf8');
  if (isLarge) releaseBytes(bytes);
  const answer = text === undefined ? tooManyParts : await reviewer.review(text, waitMs);
  // The API server has given up and let its failurePolicy decide: nothing was mutated, so nothing must say that it was.
  if (request.socket.destroyed) return observer.abandoned();
  sendAnswer(reply, answer);
  observe(answer, (now() - readMs) / 1_000, observer);
}

function timeoutOf({ query }: FastifyRequest): unknown {
  return typeof query === 'object' && query !== null && 'timeout' in query ? query.timeout : undefined;
}

function sendAnswer(reply: FastifyReply, answer: ReviewAnswer): void {
  switch (answer.kind) {
    case 'answered':
      reply.type('application/json').send(answer.body);
      return;
    case 'unreadable':
      return sendError(reply, { code: 400, detail: answer.detail });
    case 'unavailable':
      return sendError(reply, { code: 503, detail: answer.decision.detail });
    default:
      assertNever(answer);
  }
}

function observe(answer: ReviewAnswer, seconds: number, observer: ReviewObserver): void {
  if (answer.kind === 'unreadable') observer.unreadable(answer.detail);
  else observer.decided(answer.decision, seconds);
}
