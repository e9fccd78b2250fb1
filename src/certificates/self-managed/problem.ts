import { hasCode } from '../../kubernetes/kubernetes-error.ts';
import { errorText } from '../../util/error-text.ts';
import type { Log } from '../../util/log.ts';

/** What stands between us and one thing that we need: noted each time, logged when it is new and when it is over. */
export class Problem {
  readonly #subject: string;
  readonly #permissionHint: string;
  readonly #log: Log;
  #detail: string | undefined;

  /** `permissionHint`: what to say to somebody whose RBAC forbids it. */
  constructor(subject: string, permissionHint: string, log: Log) {
    this.#subject = subject;
    this.#permissionHint = permissionHint;
    this.#log = log;
  }

  /** One line for a person; undefined while there is none. */
  get detail(): string | undefined {
    return this.#detail;
  }

  note(error: unknown): void {
    // Another replica was faster: no problem, the next look shows what it did.
    if (hasCode(error, 'already_exists', 'conflict')) return;
    const detail = hasCode(error, 'forbidden') ? `${errorText(error)}; ${this.#permissionHint}` : errorText(error);
    if (detail === this.#detail) return;
    this.#detail = detail;
    this.#log.warn('Certificate authority cannot be followed.', { object: this.#subject, detail });
  }

  solve(): void {
    if (this.#detail === undefined) return;
    this.#detail = undefined;
    this.#log.info('Certificate authority is followed again.', { object: this.#subject });
  }
}
