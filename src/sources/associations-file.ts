import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { noAssociations, parseAssociations, type Associations } from '../identity/associations.ts';
import { errorText } from '../util/error-text.ts';
import type { Health } from '../util/health.ts';
import type { Log } from '../util/log.ts';
import { watchFolders } from '../util/folder-watch.ts';

export interface AssociationsFileOptions {
  /** `--watch-container-credentials-config` */
  readonly path: string;
  /** The file is read at least this often. */
  readonly pollMs: number;
  /** A file that is missing, empty or unreadable may be about to be written: it counts only after this time. */
  readonly settleMs: number;
  readonly log: Log;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** An association takes about 80 bytes, so this holds 100,000 of them. */
const maxFileBytes = 8 * 1024 * 1024;

/** Problems of one content that get a line each; the rest is only counted. */
const maxLoggedProblems = 10;

/**
 * The EKS Pod Identity associations in a file, followed through symlink swaps, renames and rewrites (E64).
 * Missing or empty means none; content that cannot be read leaves the last good one in force.
 */
export class AssociationsFile {
  readonly #options: AssociationsFileOptions;
  #associations: Associations = noAssociations;
  #loaded = false;
  /** Content of the last look. */
  #content: string | undefined;
  /** Since when the file has been in a state that does not count yet. */
  #unsettledMs: number | undefined;
  #problem: string | undefined;

  constructor(options: AssociationsFileOptions) {
    this.#options = options;
  }

  /** Follows the file until the signal ends it. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { path, pollMs, settleMs } = this.#options;
    using folder = watchFolders([dirname(path)]);
    while (!signal.aborted) {
      await this.#look();
      await folder.changeWithin(this.#unsettledMs === undefined ? pollMs : Math.min(settleMs, pollMs), signal);
    }
  }

  /** The associations in force; none before the file was read. */
  current(): Associations {
    return this.#associations;
  }

  /** True once the file has been read, or found to be missing. */
  synced(): boolean {
    return this.#loaded;
  }

  /** Unhealthy until the file was read; degraded while its content cannot be. */
  health(): Health {
    if (!this.#loaded) return { kind: 'unhealthy', detail: `associations: ${this.#problem ?? 'not read yet'}` };
    if (this.#problem === undefined) return { kind: 'healthy' };
    return { kind: 'degraded', detail: `associations: ${this.#problem}` };
  }

  async #look(): Promise<void> {
    try {
      const content = await readLimited(this.#options.path);
      if (content !== this.#content || this.#unsettledMs !== undefined) this.#take(content);
    } catch (error) {
      const detail = errorText(error);
      if (detail !== this.#problem) this.#complain(detail);
    }
  }

  #take(content: string): void {
    const isNew = content !== this.#content;
    this.#content = content;
    const parsed = parseAssociations(content);
    if (parsed.kind === 'malformed') {
      if (isNew) this.#complain(parsed.detail);
      // Nothing to go on with at the start: then nobody is associated, as with the AWS webhook.
      if (!this.#loaded && this.#settled()) this.#loaded = true;
      return;
    }
    if (content.trim() === '' && this.#associations.size > 0 && !this.#settled()) return;
    this.#unsettledMs = undefined;
    this.#replace(parsed.associations, parsed.problems);
  }

  #replace(associations: Associations, problems: readonly string[]): void {
    const { path, log } = this.#options;
    this.#associations = associations;
    this.#loaded = true;
    this.#problem = undefined;
    for (const problem of problems.slice(0, maxLoggedProblems))
      log.warn('Association left out.', { path, detail: problem });
    log.info('Associations replaced.', { path, entries: associations.size, problems: problems.length });
  }

  /** True when the present state has lasted for long enough to be meant. */
  #settled(): boolean {
    const nowMs = this.#options.now();
    this.#unsettledMs ??= nowMs;
    if (nowMs - this.#unsettledMs < this.#options.settleMs) return false;
    this.#unsettledMs = undefined;
    return true;
  }

  #complain(detail: string): void {
    this.#problem = detail;
    this.#options.log.warn('Associations cannot be read.', { path: this.#options.path, detail });
  }
}

/** The file's text; empty where there is no file. */
async function readLimited(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > maxFileBytes) throw new RangeError(`expected at most ${maxFileBytes} bytes, found ${size}`);
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
