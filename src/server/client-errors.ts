import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Connections } from './connections.ts';
import { errorBody, type ErrorAnswer } from './error-answer.ts';
import type { ServerLimits } from './limits.ts';

type ClientError = Error & { readonly code?: string };

/**
 * Makes what answers bytes that are no HTTP request, and requests that are not there in time. `connections` are those of
 * the server. A failed handshake is just closed.
 */
export function createClientErrorHandler(
  limits: ServerLimits,
  connections: Connections,
): (error: ClientError, socket: Socket) => void {
  return ({ code = '' }, socket) => {
    const hasBegun = socket.bytesRead > 0;
    // What comes behind a request must not be taken for its answer.
    if (connections.of(socket)?.owesCompleteRequest === true) return void socket.destroy();
    if (code !== timeout || hasBegun) return endWith(socket, answerFor(code));
    // Go's HTTP client opens a connection for a request, may send that on another one which has become free meanwhile, and
    // keeps the new one for a later request (net/http, Transport.dialConnFor): it is as idle as any other.
    if (connections.size > limits.quietConnections) socket.destroy();
    else socket.setTimeout(limits.keepAliveMs); // with no listener of ours the HTTP server closes it then
  };
}

const timeout = 'ERR_HTTP_REQUEST_TIMEOUT';

function answerFor(code: string): ErrorAnswer | undefined {
  // Not 408: it may be this process that got no time to read what has long been there, and kube-apiserver asks again at 503
  // only.
  if (code === timeout) return { code: 503, detail: 'expected the whole request in time' };
  if (code === 'HPE_HEADER_OVERFLOW') return { code: 431, detail: 'expected at most 16 KiB of headers' };
  if (code.startsWith('HPE_')) return { code: 400, detail: 'expected an HTTP/1.1 request' };
  return undefined;
}

function endWith(socket: Socket, answer: ErrorAnswer | undefined): void {
  if (answer === undefined || !socket.writable) {
    socket.destroy();
    return;
  }
  const { code, detail } = answer;
  const body = errorBody(detail);
  const retryAfter = code === 503 ? 'Retry-After: 1\r\n' : '';
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\nConnection: close\r\n${retryAfter}` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
