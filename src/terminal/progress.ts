import type { Writable } from 'node:stream';
import { CleanWriter } from './clean-writer.ts';
import { isTerminal } from './style.ts';

/** Shows a person who waits at a terminal how far a command is. */
export interface Progress extends Disposable {
  /** Shows what has been counted so far; written at most ten times a second, and not in the first second. */
  update(text: string): void;
}

export interface ProgressOptions {
  /** Standard error; nothing is written unless it is a terminal. */
  readonly stream: Writable;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** A command that ends sooner needs no progress. */
const quietMs = 1_000;
/** Faster than anybody reads, slower than a terminal writes. */
const minIntervalMs = 100;
/** Carriage return, then "erase in line" of ECMA-48: the line is written over and leaves nothing behind. */
const eraseLine = '\r\u001b[K';

/** Begins to measure the time. Disposing of it removes the line. */
export function createProgress({ stream, now }: ProgressOptions): Progress {
  if (!isTerminal(stream)) return { update: () => undefined, [Symbol.dispose]: () => undefined };
  let dueMs = now() + quietMs;
  let shown = false;
  return {
    update(text) {
      const nowMs = now();
      if (nowMs < dueMs) return;
      dueMs = nowMs + minIntervalMs;
      shown = true;
      erase(stream);
      stream.write(text);
    },
    [Symbol.dispose]() {
      if (shown) erase(stream);
      shown = false;
    },
  };
}

function erase(stream: Writable): void {
  if (stream instanceof CleanWriter) stream.writeControl(eraseLine);
  else stream.write(eraseLine);
}
