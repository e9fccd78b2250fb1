import type { Decision } from '../admission/answer.ts';

/** One HTTP request that is over. */
export interface EndedRequest {
  /** The path if it is one of ours, else `other`. */
  readonly handler: string;
  readonly method: string;
  /** The status that was sent; 499 when the client did not wait for it. */
  readonly code: number;
  readonly seconds: number;
}

/** Why something was refused, or cut, that would have taken more than its share. */
export type ServerRefusal =
  | 'body_bytes'
  | 'body_pieces'
  | 'answer_bytes'
  | 'answer_not_taken'
  | 'connections'
  | 'pipelined';

export interface RefusalObserver {
  /** `refused_total{reason}` */
  refused(reason: ServerRefusal): void;
}

/** What is told about every HTTP request. */
export interface HttpObserver extends RefusalObserver {
  requestStarted(handler: string): void;
  requestEnded(request: EndedRequest): void;
}

/** What is told about every review. */
export interface ReviewObserver {
  /** A review was decided, and the answer sent; `seconds` from its last byte to the answer. */
  decided(decision: Decision, seconds: number): void;
  /** A body was not an AdmissionReview that we can read. */
  unreadable(detail: string): void;
  /** The client closed the connection before the answer was there. */
  abandoned(): void;
}
