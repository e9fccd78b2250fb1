import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ReviewAnswer, Reviewer } from '../admission/answer.ts';
import { assertNever } from '../util/assert-never.ts';
import { createBodyBudget } from './body-budget.ts';
import { writeError, type ErrorAnswer } from './error-answer.ts';
import { unsupportedMediaType } from './error-handling.ts';
import type { ServerLimits } from './limits.ts';
import type { ReviewObserver } from './observers.ts';
import { discardBody, readBody, releaseBytes } from './request-body.ts';
import { waitMsFor } from './review-deadline.ts';
import { hasTooManyParts, maxReviewParts } from './review-size.ts';
import { createTurns } from './turns.ts';

export interface ReviewHandlerOptions {
  readonly reviewer: Reviewer;
  readonly observer: ReviewObserver;
  readonly limits: ServerLimits;
  /** Makes room for a review of more than `limits.smallBodyBytes`. */
  readonly beforeLargeReview: () => void;
  /** Whether clients are to be told to take another connection next time. */
  readonly isDraining: () => boolean;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** A request for a review, its answer, and when its headers were there. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The query parameter, in which the API server says how long it waits. */
  readonly timeout: unknown;
  readonly startedMs: number;
}

export type ReviewHandler = (exchange: Exchange) => Promise<void>;

/** From the bytes of a review to the reviewer, from the reviewer's answer to a status. May reject. */
export function createReviewHandler(options: ReviewHandlerOptions): ReviewHandler {
  const { limits } = options;
  const budget = createBodyBudget(limits.bodyBytesInFlight);
  const largeTurn = createTurns();
  return async exchange => {
    const { request, response } = exchange;
    if (!isJson(request.headers['content-type'])) return writeError(response, unsupportedMediaType(request));
    const declared = declaredBytes(request.headers, limits);
    if (declared > limits.bodyBytes) return writeError(response, tooLarge(limits));
    const bytes = declared <= limits.smallBodyBytes ? 0 : declared;
    if (!budget.reserve(bytes)) {
      await discardBody(request, limits.bodyBytes);
      return writeError(response, { code: 503, detail: 'too many large request bodies at once' });
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
  options: ReviewHandlerOptions,
  largeTurn: () => Promise<void>,
): Promise<void> {
  const { request, response, startedMs, timeout } = exchange;
  const { beforeLargeReview, isDraining, limits, now, observer, reviewer } = options;
  const body = await readBody(request, limits.bodyBytes, largeLength(request.headers, limits));
  if (body.kind === 'aborted') return;
  if (body.kind === 'too_large') return writeError(response, tooLarge(limits));
  const { bytes } = body;
  const readMs = now();
  const isLarge = bytes.length > limits.smallBodyBytes;
  if (isLarge) {
    await largeTurn();
    beforeLargeReview();
  }
  if (request.socket.destroyed) return observer.abandoned();
  const waitMs = waitMsFor(timeout, now() - startedMs);
  // Bytes that are no UTF-8 become U+FFFD, as in Go.
  const text = isLarge && hasTooManyParts(bytes) ? undefined : bytes.toString('utf8');
  if (isLarge) releaseBytes(bytes);
  const answer = text === undefined ? tooManyParts : await reviewer.review(text, waitMs);
  // The API server has given up and let its failurePolicy decide: nothing was mutated, so nothing must say that it was.
  if (request.socket.destroyed) return observer.abandoned();
  sendAnswer(response, answer, isDraining());
  observe(answer, (now() - readMs) / 1_000, observer);
}

function sendAnswer(response: ServerResponse, answer: ReviewAnswer, isLast: boolean): void {
  if (isLast) response.setHeader('connection', 'close');
  switch (answer.kind) {
    case 'answered':
      response.writeHead(200, jsonHeaders(answer.body));
      response.end(answer.body);
      return;
    case 'unreadable':
      return writeError(response, { code: 400, detail: answer.detail });
    case 'unavailable':
      return writeError(response, { code: 503, detail: answer.decision.detail });
    default:
      assertNever(answer);
  }
}

function jsonHeaders(body: string): OutgoingHttpHeaders {
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
}

function observe(answer: ReviewAnswer, seconds: number, observer: ReviewObserver): void {
  if (answer.kind === 'unreadable') observer.unreadable(answer.detail);
  else observer.decided(answer.decision, seconds);
}
