import type { Decision } from '../admission/answer.ts';
import type { RefusalObserver } from '../util/refusal.ts';

/** One HTTP request that is over. */
export interface EndedRequest {
  /** The path if it is one of ours, else `other`. */
  readonly handler: string;
  readonly method: string;
  /** The status that was sent; 499 when the client did not wait for it. */
  readonly code: number;
  readonly seconds: number;
}

/** What the metrics are told of every HTTP request. */
export interface HttpObserver extends RefusalObserver {
  requestStarted(handler: string): void;
  requestEnded(request: EndedRequest): void;
}

/** What log and metrics are told of every review. */
export interface ReviewObserver {
  /** A review was decided, and the answer sent; `seconds` from its last byte to the answer. */
  decided(decision: Decision, seconds: number): void;
  /** A body was not an AdmissionReview that we can read. */
  unreadable(detail: string): void;
  /** The client closed the connection before the answer was there. */
  abandoned(): void;
}
