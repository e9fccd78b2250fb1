import { once } from 'node:events';
import http, { type Agent, type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { RunningServer } from './running-server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface SendOptions {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Buffer;
  readonly agent?: Agent | false;
}

/** Sends one request over TLS, by default a review as the API server posts it, on a connection of its own. */
export function send(server: RunningServer, options: SendOptions = {}): Promise<Answer> {
  const { method = 'POST', path = '/mutate?timeout=10s', host = 'localhost', agent = false, body } = options;
  const request = https.request({
    host,
    port: server.port,
    servername: 'localhost',
    ca: server.authority.certificate,
    method,
    path,
    agent,
    headers: { 'content-type': 'application/json', ...options.headers },
  });
  return answerTo(request, body);
}

/** GET on the plain listener. */
export function ask(server: RunningServer, path: string, method = 'GET'): Promise<Answer> {
  return answerTo(http.request({ host: 'localhost', port: server.operationsPort, method, path, agent: false }));
}

async function answerTo(request: http.ClientRequest, body?: string | Buffer): Promise<Answer> {
  request.end(body);
  const [response]: http.IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('expected a response, found none');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() };
}

/** A TLS connection on which a test speaks HTTP byte by byte. */
export class RawConnection {
  readonly socket: TLSSocket;
  #received = '';
  readonly #closed: Promise<void>;

  constructor(server: RunningServer) {
    this.socket = connect({
      host: 'localhost',
      port: server.port,
      servername: 'localhost',
      ca: server.authority.certificate,
    });
    this.socket.on('data', (chunk: Buffer) => (this.#received += chunk.toString()));
    this.socket.on('error', () => undefined); // a reset is one of the ways to be closed
    this.#closed = new Promise(resolve => this.socket.once('close', () => resolve()));
  }

  async opened(): Promise<this> {
    if (!this.socket.authorized) await once(this.socket, 'secureConnect');
    return this;
  }

  get received(): string {
    return this.#received;
  }

  /** Everything received until the server closed the connection. */
  async untilClosed(): Promise<string> {
    await this.#closed;
    return this.#received;
  }
}

/** A socket that is connected to nothing, and has this address. */
export function socketOf(remoteAddress: string | undefined): Socket {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  return socket;
}
