import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { GrowingBuffer } from '../util/growing-buffer.ts';
import { isObject, parseJson, type JsonObject } from '../util/json.ts';
import { errorOfStatus, KubernetesError, parseRetryAfter } from './kubernetes-error.ts';

/** A Status needs a few hundred bytes; of a proxy's error page no more is of interest. */
const maxErrorBytes = 64 * 1024;

/** The body in pieces. Without an encoding set, Node.js gives Buffers only. */
export async function* bytesOf(response: Readable): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of response) {
    if (Buffer.isBuffer(chunk)) yield chunk;
  }
}

/** The body as a JSON object. Throws `malformed_response` and `response_too_large`. */
export async function readObject(response: Readable, maxBytes: number): Promise<JsonObject> {
  const body = await readBody(response, maxBytes);
  const value = parseJson(body.toString('utf8'));
  if (isObject(value)) return value;
  throw new KubernetesError('malformed_response', `expected a JSON object, found ${body.length} bytes of another kind`);
}

/** The error that an answer with another status than 200 stands for. */
export async function readError(response: IncomingMessage): Promise<KubernetesError> {
  const body = await readBody(response, maxErrorBytes).catch(() => Buffer.alloc(0));
  const retryAfterMs = parseRetryAfter(response.headers['retry-after']);
  return errorOfStatus(response.statusCode ?? 0, parseJson(body.toString('utf8')), retryAfterMs);
}

async function readBody(response: Readable, maxBytes: number): Promise<Buffer> {
  const body = new GrowingBuffer(maxBytes);
  for await (const chunk of bytesOf(response)) {
    if (!body.append(chunk))
      throw new KubernetesError('response_too_large', `an answer has more than ${maxBytes} bytes`);
  }
  return body.take();
}

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
