import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Decision, ReviewAnswer, ReviewContext, Reviewer } from '../admission/answer.ts';
import type { FairBudget, Holder } from '../util/fair-budget.ts';
import type { RefusalReason } from '../util/refusal.ts';
import { writeError } from './errors.ts';
import type { Refusals, ServerLimits } from './limits.ts';
import { releaseBytes, type RequestBody } from './request-body.ts';
import { hasTooManyParts, maxReviewParts, waitMsFor } from './review-limits.ts';
import type { LongTurns, ShortTurns } from './turns.ts';

/** What is told about every review. */
export interface ReviewObserver {
  /** A review was decided, and the answer sent; `seconds` from its last byte to the answer. */
  decided(decision: Decision, seconds: number): void;
  /** A body was not an AdmissionReview that we can read. */
  unreadable(detail: string): void;
  /** The client closed the connection before the answer was there. */
  abandoned(): void;
}

export interface ReviewOptions {
  readonly reviewer: Reviewer;
  readonly observer: ReviewObserver;
  readonly refusals: Refusals;
  readonly limits: ServerLimits;
  /** Frees memory for a review of more than `limits.smallBodyBytes`, or of many containers. */
  readonly beforeLargeReview: () => void;
  /** True when clients are to be told to take another connection next time. */
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

/** What all reviews share. */
export interface ReviewResources extends ReviewOptions {
  readonly bodies: FairBudget;
  readonly discards: FairBudget;
  readonly answers: FairBudget;
  readonly longTurns: LongTurns;
  readonly shortTurns: ShortTurns;
  readonly receiveTurns: ShortTurns;
}

const tooManyParts: ReviewAnswer = {
  kind: 'unreadable',
  detail: `expected a review of at most ${maxReviewParts} objects, lists, members and entries, found more`,
};

const abandoned: ReviewAnswer = { kind: 'abandoned' };
const noBytes: Buffer = Buffer.alloc(0);

/** What a long turn ends with: the turn of others need not wait for an answer that waits for a live read. */
interface Conclusion {
  readonly answer: ReviewAnswer | Promise<ReviewAnswer>;
}

/** One review whose body is there. */
export class Review implements ReviewContext {
  readonly isLarge: boolean;
  readonly #exchange: Exchange;
  readonly #resources: ReviewResources;
  #bytes: Buffer;
  readonly #holder: Holder;
  readonly #readMs: number;

  constructor(exchange: Exchange, resources: ReviewResources, { bytes, namespace }: RequestBody & { kind: 'read' }) {
    this.isLarge = bytes.length > resources.limits.smallBodyBytes;
    this.#exchange = exchange;
    this.#resources = resources;
    this.#bytes = bytes;
    this.#holder = { peer: exchange.peer, namespace };
    this.#readMs = resources.now();
  }

  get waitMs(): number {
    const { timeout, startedMs } = this.#exchange;
    return waitMsFor(timeout, this.#resources.now() - startedMs);
  }

  async inTurn(size: 'small' | 'large', work: () => ReviewAnswer): Promise<ReviewAnswer> {
    return size === 'small' ? this.#inShortTurn(work) : this.#inLongTurn(() => ({ answer: work() }));
  }

  /** Decides, and answers unless nobody waits for it any more. Undefined when that is done. */
  conclude(): Promise<void> | undefined {
    const answer = this.isLarge
      ? this.#inLongTurn(step => this.#reviewInSteps(step))
      : this.#inShortTurn(() => this.#resources.reviewer.review(this.#text(), this));
    if (answer instanceof Promise) return answer.then(found => this.#answer(found));
    this.#answer(answer);
    return undefined;
  }

  #answer(answer: ReviewAnswer): void {
    // The API server has given up and let its failurePolicy decide: nothing was mutated, so nothing must say that it was.
    if (answer.kind === 'abandoned' || this.#isAbandoned) return this.#resources.observer.abandoned();
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

  /** Does the work in its turn: at once, and without a promise, where nobody else waits. */
  #inShortTurn(work: () => ReviewAnswer | Promise<ReviewAnswer>): ReviewAnswer | Promise<ReviewAnswer> {
    const turn = this.#resources.shortTurns.next(this.#holder);
    const begin = (): ReviewAnswer | Promise<ReviewAnswer> => (this.#isAbandoned ? abandoned : work());
    return turn === undefined ? begin() : turn.then(begin);
  }

  async #inLongTurn(work: (step: () => Promise<void>) => Conclusion | Promise<Conclusion>): Promise<ReviewAnswer> {
    const { beforeLargeReview, longTurns } = this.#resources;
    const { answer } = await longTurns.run(this.#holder, async step => {
      if (this.#isAbandoned) return { answer: abandoned };
      beforeLargeReview();
      await step();
      return work(step);
    });
    return answer;
  }

  async #reviewInSteps(step: () => Promise<void>): Promise<Conclusion> {
    const bytes = this.#bytes;
    if (hasTooManyParts(bytes)) return { answer: tooManyParts };
    const text = this.#text();
    releaseBytes(bytes);
    await step();
    return { answer: this.#resources.reviewer.review(text, this) };
  }

  #send(answer: Exclude<ReviewAnswer, { kind: 'abandoned' }>): void {
    const { response } = this.#exchange;
    const { isDraining } = this.#resources;
    if (isDraining()) response.setHeader('connection', 'close');
    switch (answer.kind) {
      case 'answered':
        return this.#sendReview(answer);
      case 'unreadable':
        writeError(response, { code: 400, detail: answer.detail });
        return this.#resources.observer.unreadable(answer.detail);
      case 'unavailable':
        writeError(response, { code: 503, detail: answer.decision.detail });
        return this.#observe(answer.decision);
    }
  }

  #sendReview({ body, decision }: ReviewAnswer & { kind: 'answered' }): void {
    const holder = { peer: this.#holder.peer, namespace: decision.namespace };
    if (sendAnswer(this.#exchange.response, body, holder, this.#resources.answers)) return this.#observe(decision);
    refuse(
      this.#exchange,
      this.#resources.refusals,
      'answer_bytes',
      'too many bytes of answers wait for their readers',
    );
  }

  #observe(decision: Decision): void {
    this.#resources.observer.decided(decision, (this.#resources.now() - this.#readMs) / 1_000);
  }
}

/** Answers with 503, and counts that. */
export function refuse({ response, peer }: Exchange, refusals: Refusals, reason: RefusalReason, detail: string): void {
  refusals.add(reason, peer);
  writeError(response, { code: 503, detail });
}

/** A longer answer is sent in pieces of this size, so that only one of them is there twice: as text and encrypted. */
const pieceBytes = 65_536;

/**
 * Sends a review's answer, which counts as held until its reader has taken it. False when the budget has no room for it: then
 * nothing is sent. A reader that takes it too slowly loses its connection when the bytes are needed for others.
 */
function sendAnswer(response: ServerResponse, body: string, holder: Holder, budget: FairBudget): boolean {
  const length = Buffer.byteLength(body);
  const claim = budget.take(holder, length, () => response.destroy());
  if (claim === undefined) return false;
  response.on('close', () => claim.release());
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
  if (length <= pieceBytes) response.end(body);
  else void sendInPieces(response, Buffer.from(body));
  return true;
}

/** Never rejects: a connection that ends meanwhile wants no more. */
async function sendInPieces(response: ServerResponse, body: Buffer): Promise<void> {
  for (let from = 0; from < body.length && !response.destroyed; from += pieceBytes) {
    if (!response.write(body.subarray(from, from + pieceBytes))) await untilRoom(response);
  }
  response.end();
}

/** Resolves when more can be written, or the connection has ended. */
function untilRoom(response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    response.on('drain', settle).on('close', settle);
  });
}
