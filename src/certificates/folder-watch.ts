import { watch, type FSWatcher } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Tells when something in one of the folders may have changed. */
export interface FolderWatch {
  /** Resolves at the next change, at once if there was one since the last call, or after `timeoutMs`. Never rejects. */
  changeWithin(timeoutMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/**
 * Watches folders, not files, because files are replaced by renaming and mounted ones are links into a swapped folder.
 * A folder that cannot be watched (absent, no inotify instance left) is tried again at each call; whoever uses this
 * polls as well, so a missed event costs one interval and not an outage.
 */
export function watchFolders(folders: readonly string[]): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let changed = false;
  let wake: () => void = () => undefined;
  const onChange = (): void => {
    changed = true;
    wake();
  };
  const watchAll = (): void => {
    for (const folder of new Set(folders)) if (!watchers.has(folder)) watchOne(folder, watchers, onChange);
  };
  watchAll();
  return {
    async changeWithin(timeoutMs, signal) {
      watchAll();
      if (!changed) await waitUntilWoken(timeoutMs, signal, callback => (wake = callback));
      changed = false;
    },
    close: () => watchers.forEach(watcher => watcher.close()),
  };
}

function watchOne(folder: string, watchers: Map<string, FSWatcher>, onChange: () => void): void {
  try {
    const watcher = watch(folder, { persistent: false }, onChange);
    watcher.on('error', () => {
      watcher.close();
      watchers.delete(folder);
    });
    watchers.set(folder, watcher);
  } catch {
    // Tried again at the next call.
  }
}

async function waitUntilWoken(
  timeoutMs: number,
  signal: AbortSignal,
  onWake: (callback: () => void) => void,
): Promise<void> {
  const woken = new AbortController();
  onWake(() => woken.abort());
  await delay(timeoutMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => undefined);
}
