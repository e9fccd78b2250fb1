import { KubernetesError } from './kubernetes-error.ts';

const newline = 0x0a;

/**
 * Cuts a stream of bytes into lines. Works on bytes, so that a character that two chunks share stays whole, and keeps no
 * more than one unfinished line.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  #parts: Buffer[] = [];
  #partBytes = 0;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** The lines that this chunk completes, without their newline. Throws `response_too_large` beyond the limit. */
  *push(chunk: Buffer): Generator<Buffer> {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      yield this.#finish(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #finish(last: Buffer): Buffer {
    this.#checkLimit(last);
    if (this.#parts.length === 0) return last;
    const line = Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#partBytes = 0;
    return line;
  }

  /** Parts are joined once, when their line ends: joining with each chunk would cost the square of the line's length. */
  #keep(part: Buffer): void {
    this.#checkLimit(part);
    this.#parts.push(part);
    this.#partBytes += part.length;
  }

  #checkLimit(next: Buffer): void {
    const bytes = this.#partBytes + next.length;
    if (bytes <= this.#maxLineBytes) return;
    throw new KubernetesError(
      'response_too_large',
      `expected lines of at most ${this.#maxLineBytes} bytes, found one of at least ${bytes}`,
    );
  }
}
