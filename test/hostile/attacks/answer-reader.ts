/** One HTTP answer. */
export interface Answer {
  readonly status: number;
  /** The beginning of its body: enough to see which review it answers. */
  readonly beginning: string;
}

const keptBytes = 1_024;

/** Finds the answers in the bytes of a connection, all of which have a length. Keeps no more of each than its beginning. */
export class AnswerReader {
  readonly #tell: (answer: Answer) => void;
  #head = '';
  #status = 0;
  #beginning = '';
  #leftBytes = 0;
  #isInBody = false;

  constructor(tell: (answer: Answer) => void) {
    this.#tell = tell;
  }

  push(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) rest = this.#isInBody ? this.#readBody(rest) : this.#readHead(rest);
  }

  #readHead(bytes: Buffer): Buffer {
    const before = this.#head.length;
    this.#head += bytes.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end === -1) return bytes.subarray(bytes.length);
    const rest = bytes.subarray(end + 4 - before);
    this.#begin(this.#head.slice(0, end));
    return rest;
  }

  #begin(head: string): void {
    this.#head = '';
    this.#beginning = '';
    this.#status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0);
    this.#leftBytes = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    this.#isInBody = true;
    if (this.#leftBytes === 0) this.#end();
  }

  #readBody(bytes: Buffer): Buffer {
    const taken = bytes.subarray(0, this.#leftBytes);
    const missing = keptBytes - this.#beginning.length;
    if (missing > 0) this.#beginning += taken.subarray(0, missing).toString('latin1');
    this.#leftBytes -= taken.length;
    if (this.#leftBytes === 0) this.#end();
    return bytes.subarray(taken.length);
  }

  #end(): void {
    this.#isInBody = false;
    this.#tell({ status: this.#status, beginning: this.#beginning });
  }
}
