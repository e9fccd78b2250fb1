import { errorText } from '../util/error-text.ts';
import { KubernetesError, type KubernetesErrorCode } from './kubernetes-error.ts';
import { backoffMs, type BackoffBounds } from '../util/waiting.ts';

/** Why a watch was begun again: the metric label of `watch_restarts_total`. */
export type RestartReason =
  /** The API server ended it. */
  | 'closed'
  /** It was silent for too long. */
  | 'timeout'
  /** Its resource version was too old. */
  | 'expired'
  | 'error';

/** What the end of a list or a watch means for the next one. */
export interface WatchFailure {
  readonly reason: RestartReason;
  /** One line for a person. */
  readonly detail: string;
  /** The least time to wait. */
  readonly retryAfterMs: number;
  /** Only a new list can help: the resource version or the content of the watch is of no use. */
  readonly needsList: boolean;
  /** The API server cannot stream lists; pages are the way. */
  readonly refusesStreaming: boolean;
}

/** How far a round had come when it failed. */
export interface WatchStage {
  /** The list was to be streamed and is not complete. */
  readonly streamingList: boolean;
  /** The API server had begun to answer. */
  readonly opened: boolean;
}

/** An API server that asks for more patience than this is asked again all the same. */
const maxRetryAfterMs = 60_000;

const codesThatNeedList: ReadonlySet<KubernetesErrorCode> = new Set([
  'expired',
  'invalid',
  'not_found',
  'gateway_timeout',
  'malformed_response',
]);

/**
 * 422 where the feature gate is off; other 4xx from servers and proxies that know less; 504 where the watch cache does
 * not catch up with etcd, which pages do not need.
 */
const codesThatRefuse: ReadonlySet<KubernetesErrorCode> = new Set([
  'invalid',
  'not_found',
  'unexpected_status',
  'gateway_timeout',
]);

/** Judges the error that ended a round. Anything but a KubernetesError is a defect of ours, after which a list is safest. */
export function judgeFailure(error: unknown, permissionHint: string, stage: WatchStage): WatchFailure {
  if (!(error instanceof KubernetesError)) {
    return { reason: 'error', detail: errorText(error), retryAfterMs: 0, needsList: true, refusesStreaming: false };
  }
  return {
    reason: reasonOf(error.code),
    detail: error.code === 'forbidden' ? `${error.message}; ${permissionHint}` : errorText(error),
    retryAfterMs: Math.min(error.retryAfterMs ?? 0, maxRetryAfterMs),
    needsList: codesThatNeedList.has(error.code),
    refusesStreaming: stage.streamingList && refuses(error.code, stage.opened),
  };
}

function reasonOf(code: KubernetesErrorCode): RestartReason {
  if (code === 'expired') return 'expired';
  return code === 'timed_out' ? 'timeout' : 'error';
}

/** A server that begins a list and then falls silent ignores the request for its end mark. */
function refuses(code: KubernetesErrorCode, opened: boolean): boolean {
  return codesThatRefuse.has(code) || (opened && code === 'timed_out');
}

/** Decides how long to wait before the next list or watch: longer with each failure in a row. */
export class RetryPace {
  readonly #bounds: BackoffBounds;
  readonly #random: () => number;
  #failures = 0;
  #lastReason: RestartReason | undefined;

  constructor(bounds: BackoffBounds, random: () => number) {
    this.#bounds = bounds;
    this.#random = random;
  }

  /** Failures in a row, the last one included. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds to wait after this end of a watch; none, unless asked for, after one that was of use. */
  pauseMs(failure: WatchFailure, wasOfUse: boolean): number {
    this.#failures = wasOfUse ? 0 : this.#failuresBefore(failure.reason) + 1;
    this.#lastReason = failure.reason;
    const backoff = this.#failures === 0 ? 0 : backoffMs(this.#failures, this.#bounds, this.#random);
    return Math.max(backoff, failure.retryAfterMs);
  }

  /** An API server that does not remember our version is back: what failed before is over. */
  #failuresBefore(reason: RestartReason): number {
    return reason === 'expired' && this.#lastReason !== 'expired' ? 0 : this.#failures;
  }
}
