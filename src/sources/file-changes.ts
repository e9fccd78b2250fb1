import { watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import { delay } from '../util/waiting.ts';

/** A folder in which much happens, such as `/tmp`, is looked at no more often than this. */
const restMs = 50;

/**
 * Says when a file may have changed: at once when something happens in its folder (the kubelet swaps a symlink there,
 * editors rename), and at least every `intervalMs`, because events get lost and the folder may not exist yet.
 * Watches from its construction on, so that nothing is missed between a look at the file and the next wait.
 */
export class FileChanges {
  readonly #folder: string;
  readonly #intervalMs: number;
  #watcher: FSWatcher | undefined;
  #changed = new AbortController();

  constructor(path: string, intervalMs: number) {
    this.#folder = dirname(path);
    this.#intervalMs = intervalMs;
    this.#watch();
  }

  /** Waits for the next reason to look at the file, at most `atMostMs`, or until the signal ends it. */
  async next(atMostMs: number, signal: AbortSignal): Promise<void> {
    await delay(Math.min(atMostMs, this.#intervalMs), AbortSignal.any([signal, this.#changed.signal]));
    if (this.#changed.signal.aborted) await delay(restMs, signal);
    this.#changed = new AbortController();
    this.#watch();
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
  }

  /** Always anew: the folder itself may have been replaced, and its watch tells nothing then. */
  #watch(): void {
    this.#watcher?.close();
    try {
      this.#watcher = watch(this.#folder, { persistent: false }, () => this.#changed.abort());
      // A folder that is deleted, or whose file system goes: the next look watches anew.
      this.#watcher.on('error', () => this.#changed.abort());
    } catch {
      // No folder yet, or no watches left on this machine: polling finds the change.
      this.#watcher = undefined;
    }
  }
}
