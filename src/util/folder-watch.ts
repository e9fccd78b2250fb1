import { watch, type FSWatcher } from 'node:fs';
import { delay } from './waiting.ts';

/** A folder in which much happens, such as `/tmp`, causes no more looks than one in this time. */
const restMs = 50;

/** Notices when something in one of the folders may have changed. */
interface FolderWatch extends Disposable {
  /** Resolves at the next change, at once if there was one since the last call, or after `timeoutMs`. Never rejects. */
  changeWithin(timeoutMs: number, signal: AbortSignal): Promise<void>;
}

/**
 * Watches folders, not files, because files are replaced by renaming and mounted ones are links into a swapped folder. It begins
 * with the call. A caller polls as well, by `timeoutMs`: a missed event costs one interval and not an outage.
 */
export function watchFolders(folders: readonly string[]): FolderWatch {
  let changed = new AbortController();
  let watchers: readonly FSWatcher[] = [];
  const end = (): void => {
    for (const watcher of watchers) watcher.close();
  };
  // Again after each change, before the files are read: the folder itself may have been replaced or have appeared.
  const begin = (): void => {
    const next = new AbortController();
    watchers = [...new Set(folders)].flatMap(folder => watchFolder(folder, () => next.abort()));
    changed = next;
  };
  begin();
  return {
    async changeWithin(timeoutMs, signal) {
      await delay(timeoutMs, AbortSignal.any([signal, changed.signal]));
      if (changed.signal.aborted) await delay(restMs, signal);
      end();
      begin();
    },
    [Symbol.dispose]: end,
  };
}

/** No watcher where there is no folder, or no inotify instance left. */
function watchFolder(folder: string, onChange: () => void): readonly FSWatcher[] {
  try {
    return [watch(folder, { persistent: false }, onChange).on('error', onChange)];
  } catch {
    return [];
  }
}
