import type { ResourceHandler } from '../../kubernetes/resource.ts';
import { delay } from '../../util/delay.ts';

/**
 * Tells that a watched object may have changed. What a watch says is not used otherwise: whoever is woken reads the object,
 * so that what is decided upon is as new as can be, and a watch that fails costs time only.
 */
export class ChangeSignal implements ResourceHandler {
  #changed: AbortController = new AbortController();

  /** Resolves at the next change, at once if there was one since the last call, or after `ms`. Never rejects. */
  async within(ms: number, signal: AbortSignal): Promise<void> {
    await delay(ms, AbortSignal.any([signal, this.#changed.signal]));
    if (this.#changed.signal.aborted) this.#changed = new AbortController();
  }

  begin(): void {}

  item(): void {}

  itemDeleted(): void {}

  commit(): void {
    this.#changed.abort();
  }

  applied(): void {
    this.#changed.abort();
  }
}
