import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Decision, ReviewAnswer, ReviewContext, Reviewer } from '../admission/answer.ts';
import { assertNever } from '../util/assert-never.ts';
import { createFairBudget, type FairBudget, type Holder } from '../util/fair-budget.ts';
import type { RefusalReason } from '../util/refusal.ts';
import { writeError, type ErrorAnswer } from './error-answer.ts';
import { unsupportedMediaType } from './error-handling.ts';
import type { ServerLimits } from './limits.ts';
import type { ReviewObserver } from './observers.ts';
import type { Refusals } from './refusals.ts';
import { readBody, receivesPerRound, releaseBytes, type RequestBody } from './request-body.ts';
import { waitMsFor } from './review-deadline.ts';
import { hasTooManyParts, maxReviewParts } from './review-size.ts';
import { sendAnswer } from './send-answer.ts';
import { createLongTurns, createShortTurns, reviewsPerRound, type LongTurns, type ShortTurns } from './turns.ts';

export interface ReviewHandlerOptions {
  readonly reviewer: Reviewer;
  readonly observer: ReviewObserver;
  readonly refusals: Refusals;
  readonly limits: ServerLimits;
  /** Makes room for a review of more than `limits.smallBodyBytes`, or of many containers. */
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
  /** Who connected. */
  readonly peer: string;
  /** The query parameter, in which the API server says how long it waits. */
  readonly timeout: unknown;
  readonly startedMs: number;
}

export type ReviewHandler = (exchange: Exchange) => Promise<void>;

/** What all reviews share. */
interface Shared extends ReviewHandlerOptions {
  readonly bodies: FairBudget;
  readonly discards: FairBudget;
  readonly answers: FairBudget;
  readonly longTurns: LongTurns;
  readonly shortTurns: ShortTurns;
  readonly receiveTurns: ShortTurns;
}

/** Creates what answers a request for a review: from its bytes to the reviewer, from the reviewer's answer to a status. */
export function createReviewHandler(options: ReviewHandlerOptions): ReviewHandler {
  const { limits, now } = options;
  const shared: Shared = {
    ...options,
    bodies: createFairBudget({ totalBytes: limits.bodyBytesInFlight, now }),
    discards: createFairBudget({ totalBytes: limits.bodiesDiscarded, now }),
    answers: createFairBudget({ totalBytes: limits.answerBytesInFlight, now }),
    longTurns: createLongTurns(),
    shortTurns: createShortTurns(reviewsPerRound),
    receiveTurns: createShortTurns(receivesPerRound),
  };
  return exchange => receiveReview(exchange, shared);
}

/** Upper and lower case and parameters make no difference (RFC 9110 section 8.3.1). */
function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

async function receiveReview(exchange: Exchange, shared: Shared): Promise<void> {
  const { request, response, peer } = exchange;
  const { bodies, discards, limits, receiveTurns: turns } = shared;
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
  if (body.kind !== 'read') return refuseBody(exchange, shared, body.kind);
  try {
    const later = new Review(exchange, shared, body).conclude();
    if (later !== undefined) await later;
  } finally {
    body.claim?.release();
  }
}

/** Node.js has refused what is no number. */
function declaredLength(headers: IncomingHttpHeaders): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

function tooLarge({ bodyBytes }: ServerLimits): ErrorAnswer {
  return { code: 413, detail: `expected a body of at most ${bodyBytes} bytes, found more` };
}

function refuseBody(exchange: Exchange, shared: Shared, kind: Exclude<RequestBody['kind'], 'read'>): void {
  switch (kind) {
    case 'aborted':
      return;
    case 'too_large':
      return writeError(exchange.response, tooLarge(shared.limits));
    case 'over_budget':
      return refuse(exchange, shared, 'body_bytes', 'too many bytes in request bodies at once');
    case 'over_budget_cut':
      shared.refusals.add('body_bytes', exchange.peer);
      return void exchange.request.socket.destroy();
    case 'too_many_pieces':
      shared.refusals.add('pieces', exchange.peer);
      return void exchange.request.socket.destroy(); // at once: whatever else has come is in pieces too
    default:
      assertNever(kind);
  }
}

function refuse({ response, peer }: Exchange, { refusals }: Shared, reason: RefusalReason, detail: string): void {
  refusals.add(reason, peer);
  writeError(response, { code: 503, detail });
}

const tooManyParts: ReviewAnswer = {
  kind: 'unreadable',
  detail: `expected a review of at most ${maxReviewParts} objects, lists, members and entries, found more`,
};

const abandoned: ReviewAnswer = { kind: 'abandoned' };
const noBytes: Buffer = Buffer.alloc(0);

/** One review whose body is there. */
class Review implements ReviewContext {
  readonly isLarge: boolean;
  readonly #exchange: Exchange;
  readonly #shared: Shared;
  #bytes: Buffer;
  readonly #holder: Holder;
  readonly #readMs: number;

  constructor(exchange: Exchange, shared: Shared, { bytes, namespace }: RequestBody & { kind: 'read' }) {
    this.isLarge = bytes.length > shared.limits.smallBodyBytes;
    this.#exchange = exchange;
    this.#shared = shared;
    this.#bytes = bytes;
    this.#holder = { peer: exchange.peer, namespace };
    this.#readMs = shared.now();
  }

  get waitMs(): number {
    const { timeout, startedMs } = this.#exchange;
    return waitMsFor(timeout, this.#shared.now() - startedMs);
  }

  async inTurn(size: 'small' | 'large', work: () => ReviewAnswer): Promise<ReviewAnswer> {
    const { longTurns, shortTurns, beforeLargeReview } = this.#shared;
    if (size === 'small') {
      await shortTurns.next(this.#holder);
      return this.#isAbandoned ? abandoned : work();
    }
    return longTurns.run(this.#holder, async step => {
      if (this.#isAbandoned) return abandoned;
      beforeLargeReview();
      await step();
      return work();
    });
  }

  /** Decides, and answers unless nobody waits for it any more. Undefined when that is done. */
  conclude(): Promise<void> | undefined {
    const answer = this.isLarge ? this.#reviewLarge() : this.#reviewSmall();
    if (answer instanceof Promise) return answer.then(found => this.#answer(found));
    this.#answer(answer);
    return undefined;
  }

  #answer(answer: ReviewAnswer): void {
    // The API server has given up and let its failurePolicy decide: nothing was mutated, so nothing must say that it was.
    if (answer.kind === 'abandoned' || this.#isAbandoned) return this.#shared.observer.abandoned();
    this.#send(answer);
  }

  get #isAbandoned(): boolean {
    return this.#exchange.request.socket.destroyed;
  }

  /** Bytes that are no UTF-8 become U+FFFD, as in Go. */
  #text(): string {
    const text = this.#bytes.toString('utf8');
    this.#bytes = noBytes; // a review that waits holds its text alone
    return text;
  }

  #reviewSmall(): ReviewAnswer | Promise<ReviewAnswer> {
    const { reviewer, shortTurns } = this.#shared;
    const turn = shortTurns.next(this.#holder);
    const review = (): ReviewAnswer | Promise<ReviewAnswer> => reviewer.review(this.#text(), this);
    return turn === undefined ? review() : turn.then(() => (this.#isAbandoned ? abandoned : review()));
  }

  /** The turn ends before a live read begins, for which others need not wait. */
  async #reviewLarge(): Promise<ReviewAnswer> {
    const { beforeLargeReview, longTurns, reviewer } = this.#shared;
    const { answer } = await longTurns.run(this.#holder, async step => {
      if (this.#isAbandoned) return { answer: abandoned };
      beforeLargeReview();
      await step();
      if (hasTooManyParts(this.#bytes)) return { answer: tooManyParts };
      const bytes = this.#bytes;
      const text = this.#text();
      releaseBytes(bytes);
      await step();
      return { answer: reviewer.review(text, this) };
    });
    return answer;
  }

  #send(answer: Exclude<ReviewAnswer, { kind: 'abandoned' }>): void {
    const { response } = this.#exchange;
    const { isDraining } = this.#shared;
    if (isDraining()) response.setHeader('connection', 'close');
    switch (answer.kind) {
      case 'answered':
        return this.#sendReview(answer);
      case 'unreadable':
        writeError(response, { code: 400, detail: answer.detail });
        return this.#shared.observer.unreadable(answer.detail);
      case 'unavailable':
        writeError(response, { code: 503, detail: answer.decision.detail });
        return this.#observe(answer.decision);
      default:
        assertNever(answer);
    }
  }

  #sendReview({ body, decision }: ReviewAnswer & { kind: 'answered' }): void {
    const holder = { peer: this.#holder.peer, namespace: decision.namespace };
    if (sendAnswer(this.#exchange.response, body, holder, this.#shared.answers)) return this.#observe(decision);
    refuse(this.#exchange, this.#shared, 'answer_bytes', 'too many bytes of answers wait for their readers');
  }

  #observe(decision: Decision): void {
    this.#shared.observer.decided(decision, (this.#shared.now() - this.#readMs) / 1_000);
  }
}
