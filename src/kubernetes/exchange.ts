import { request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Credentials } from './connection.ts';

export interface ExchangeOptions {
  readonly signal: AbortSignal;
  /** Time for TCP and TLS. */
  readonly connectMs: number;
}

/** How often a request is sent again because the kept connection it was written to had been closed meanwhile. */
const maxReconnects = 3;

/**
 * Sends one GET and resolves when its headers have come. Rejects with the error of Node.js.
 * https://nodejs.org/api/http.html#requestreusedsocket
 */
export async function exchange(url: URL, credentials: Credentials, options: ExchangeOptions): Promise<IncomingMessage> {
  for (let reconnects = 0; ; reconnects += 1) {
    const sent = send(url, credentials, options);
    try {
      return await sent.response;
    } catch (error) {
      if (reconnects >= maxReconnects || !sent.request.reusedSocket || !isReset(error)) throw error;
    }
  }
}

interface Sent {
  readonly request: ClientRequest;
  readonly response: Promise<IncomingMessage>;
}

function send(url: URL, credentials: Credentials, { signal, connectMs }: ExchangeOptions): Sent {
  const request = (url.protocol === 'http:' ? plainRequest : tlsRequest)(url, {
    agent: credentials.agent,
    headers: { accept: 'application/json', 'user-agent': 'irsa-webhook', ...credentials.headers },
    signal,
  });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  limitConnecting(request, connectMs);
  request.end();
  return { request, response };
}

function limitConnecting(request: ClientRequest, connectMs: number): void {
  const timer = setTimeout(() => {
    request.destroy(new Error(`expected a connection within ${connectMs} ms`));
  }, connectMs);
  const connected = (): void => clearTimeout(timer);
  request.once('close', connected);
  request.once('socket', socket => {
    if (socket.connecting) socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', connected);
    else connected();
  });
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
