/** What most answers and lines need; smaller pieces do not make the buffer grow step by step from nothing. */
const firstCapacityBytes = 1_024;

/**
 * Joins the pieces of a stream as they come, for streams whose pieces the other side chooses: a Buffer kept for each piece
 * costs some 200 bytes, so that a million pieces of one byte would cost 200 MB. Its memory is its capacity: at most twice
 * the bytes it holds, or 1 KiB, and never more than the limit.
 */
export class GrowingBuffer {
  readonly #limitBytes: number;
  readonly #firstBytes: number;
  #bytes = Buffer.alloc(0);
  #length = 0;

  /** `expectedBytes` is the capacity to begin with, where the length is known before. */
  constructor(limitBytes: number, expectedBytes: number = firstCapacityBytes) {
    this.#limitBytes = limitBytes;
    this.#firstBytes = expectedBytes;
  }

  /** Bytes of memory that it holds. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Bytes that were appended. */
  get length(): number {
    return this.#length;
  }

  /** The capacity that it will have with so many bytes more. */
  capacityWith(moreBytes: number): number {
    const neededBytes = this.#length + moreBytes;
    if (neededBytes <= this.capacity) return this.capacity;
    return Math.min(this.#limitBytes, Math.max(neededBytes, 2 * this.capacity, this.#firstBytes));
  }

  /** Copies the piece to the end. False when that would exceed the limit: then nothing of the piece is taken. */
  append(piece: Buffer): boolean {
    const length = this.#length + piece.length;
    if (length > this.#limitBytes) return false;
    if (length > this.capacity) this.#grow(this.capacityWith(piece.length));
    piece.copy(this.#bytes, this.#length);
    this.#length = length;
    return true;
  }

  /** The first bytes, at most that many; they are only to be looked at. */
  peek(atMostBytes: number): Buffer {
    return this.#bytes.subarray(0, Math.min(this.#length, atMostBytes));
  }

  /** The bytes, which are the caller's from now on; the next piece begins from nothing. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    return bytes;
  }

  /** Doubles, so that all copies together are no more than twice the bytes. What is outgrown is given back at once. */
  #grow(capacity: number): void {
    // What is there from the beginning is filled before it is read, so it need not be cleared.
    if (this.capacity === 0) this.#bytes = Buffer.allocUnsafeSlow(capacity);
    else this.#bytes = Buffer.from(this.#bytes.buffer.transfer(capacity));
  }
}
