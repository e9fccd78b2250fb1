import { GrowingBuffer } from '../util/growing-buffer.ts';
import { KubernetesError } from './kubernetes-error.ts';

const newline = 0x0a;

/**
 * Cuts a stream of bytes into lines. Works on bytes, so that a character that two chunks share stays whole, and keeps no
 * more than one unfinished line.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #unfinished: GrowingBuffer;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
    this.#unfinished = new GrowingBuffer(maxLineBytes);
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

  /** Nearly every line comes whole: it is not copied. */
  #finish(last: Buffer): Buffer {
    if (this.#unfinished.length === 0 && last.length <= this.#maxLineBytes) return last;
    this.#keep(last);
    return this.#unfinished.take();
  }

  #keep(part: Buffer): void {
    if (this.#unfinished.append(part)) return;
    throw new KubernetesError('response_too_large', `a line has more than ${this.#maxLineBytes} bytes`);
  }
}
