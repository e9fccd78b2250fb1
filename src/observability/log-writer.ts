import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { escapeUnsafeCharacters } from '../util/text.ts';

export interface LogWriterOptions {
  /** Lines are written together after this time, or earlier when there are `batchLength` characters of them. */
  readonly flushIntervalMs: number;
  readonly batchLength: number;
  /** Lines beyond that many waiting characters are dropped: the reader of the log is stuck, and memory is finite. */
  readonly maxWaitingLength: number;
}

/** Called with the number of lines that could not be written, for example to a full disk. */
export type LostLines = (lines: number) => void;

/** One write of 64 Ki characters at most every 100 ms measured 15 to 45 µs less per review than one write a line. */
export const logWriterDefaults: LogWriterOptions = {
  flushIntervalMs: 100,
  batchLength: 65_536,
  maxWaitingLength: 1_048_576,
};

/** Where log lines go. Writing never blocks and never throws. */
export interface LogWriter {
  /** Accepts a line, which ends with a newline; false if it was dropped. */
  write(line: string): boolean;
  /** Writes what is waiting and resolves when that is done, or after `timeoutMs`. Never rejects. */
  flush(timeoutMs: number): Promise<void>;
}

/**
 * Collects lines and writes them in batches, one at a time. The stream must not block: standard output is a good one
 * when it is a pipe or a terminal, `fs.write` is not, because a write stuck in Node's thread pool keeps the process from
 * exiting.
 */
export function createLogWriter(
  stream: Writable,
  onLost: LostLines,
  options: LogWriterOptions = logWriterDefaults,
): LogWriter {
  return new BatchingWriter(stream, onLost, options);
}

class BatchingWriter implements LogWriter {
  readonly #stream: Writable;
  readonly #onLost: LostLines;
  readonly #options: LogWriterOptions;
  #lines: string[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(stream: Writable, onLost: LostLines, options: LogWriterOptions) {
    this.#stream = stream;
    this.#onLost = onLost;
    this.#options = options;
    // A reader that went away (EPIPE) must not end the process; what is written after that is lost.
    stream.on('error', () => undefined);
  }

  write(line: string): boolean {
    if (this.#length + line.length > this.#options.maxWaitingLength) return false;
    this.#lines.push(line);
    this.#length += line.length;
    this.#schedule();
    return true;
  }

  async flush(timeoutMs: number): Promise<void> {
    const done = new AbortController();
    const timedOut = delay(timeoutMs, true, { signal: done.signal }).catch(() => true);
    while (this.#writing !== undefined || this.#lines.length > 0) {
      this.#writeBatch();
      if (await Promise.race([this.#writing, timedOut])) break;
    }
    done.abort();
  }

  #schedule(): void {
    if (this.#writing !== undefined || this.#lines.length === 0) return;
    if (this.#length >= this.#options.batchLength) this.#writeBatch();
    else this.#timer ??= setTimeout(() => this.#writeBatch(), this.#options.flushIntervalMs).unref();
  }

  #writeBatch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing !== undefined || this.#lines.length === 0) return;
    // Such characters stand inside of JSON strings only, which have the same escapes. A batch costs no more than a line.
    const batch = escapeUnsafeCharacters(this.#lines.join(''));
    const lines = this.#lines.length;
    this.#lines = [];
    this.#length = 0;
    this.#writing = new Promise(resolve => {
      this.#stream.write(batch, error => {
        if (error) this.#onLost(lines);
        this.#writing = undefined;
        this.#schedule();
        resolve();
      });
    });
  }
}
