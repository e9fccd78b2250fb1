import { timerMs } from '../util/delay.ts';
import { errorText } from '../util/error-text.ts';
import { KubernetesError } from './kubernetes-error.ts';

/**
 * The end of one request: its signal aborts when the time is over, or when the caller's own signal does.
 * The reason of the abort is always a KubernetesError.
 */
export class TimeLimit {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #onCallerAbort: () => void;
  #timer: NodeJS.Timeout;

  constructor(ms: number, caller?: AbortSignal) {
    this.#caller = caller;
    this.#onCallerAbort = () => this.#controller.abort(new KubernetesError('aborted', 'ended by the caller'));
    if (caller?.aborted === true) this.#onCallerAbort();
    else caller?.addEventListener('abort', this.#onCallerAbort);
    this.#timer = this.#startTimer(ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Gives another `ms` milliseconds from now. */
  restart(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#startTimer(ms);
  }

  /** Why the request failed: the reason of the abort, or the given error where this limit did not end it. */
  failure(error: unknown): KubernetesError {
    const reason: unknown = this.signal.aborted ? this.signal.reason : error;
    if (reason instanceof KubernetesError) return reason;
    const message = `expected an answer from the API server: ${errorText(reason)}`;
    return new KubernetesError('connection_failed', message, { cause: reason });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#onCallerAbort);
  }

  #startTimer(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const message = `expected the API server to send something within ${Math.round(ms)} ms`;
      this.#controller.abort(new KubernetesError('timed_out', message));
    }, timerMs(ms));
  }
}
