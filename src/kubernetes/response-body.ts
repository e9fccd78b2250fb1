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
