import { once } from 'node:events';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookProcess } from '../../support/webhook-process.ts';

/** A TLS connection on which anything can be written. */
export class Attacker {
  readonly socket: TLSSocket;
  readonly closed: Promise<void>;
  #received = '';

  constructor(webhook: WebhookProcess, options: ConnectionOptions = {}) {
    // An attacker does not mind whose certificate it is.
    this.socket = connect({ host: '127.0.0.1', port: webhook.port, rejectUnauthorized: false, ...options });
    this.socket.on('data', (chunk: Buffer) => (this.#received += chunk.toString('latin1')));
    this.socket.on('error', () => undefined); // a reset is one of the ways to be cut off
    this.closed = new Promise(resolve => this.socket.once('close', () => resolve()));
  }

  /** Undefined where the connection was refused. */
  async opened(): Promise<this | undefined> {
    const outcome = await Promise.race([once(this.socket, 'secureConnect').catch(() => 'closed'), this.closed]);
    return Array.isArray(outcome) ? this : undefined;
  }

  get received(): string {
    return this.#received;
  }

  /** All that was received up to the end of the connection. */
  async untilClosed(): Promise<string> {
    await this.closed;
    return this.#received;
  }

  /** Writes as fast as the other side takes it, until it does not any more. */
  async write(bytes: string | Buffer): Promise<void> {
    if (!this.socket.writable || this.socket.write(bytes)) return;
    await Promise.race([once(this.socket, 'drain').catch(() => undefined), this.closed]);
  }
}

/** The head of a request, complete but for its body. */
export function headOf(...headers: readonly string[]): string {
  const lines = ['POST /mutate?timeout=10s HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', ...headers];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Sends one body on a connection of its own; gives the status that it got, 0 for none. */
export async function post(webhook: WebhookProcess, body: Buffer): Promise<number> {
  const attacker = await new Attacker(webhook).opened();
  if (attacker === undefined) return 0;
  await attacker.write(headOf(`Content-Length: ${body.length}`, 'Connection: close'));
  await attacker.write(body);
  return statusOf(await attacker.untilClosed());
}

export function statusOf(received: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(received)?.[1] ?? 0);
}

/** So many at once, each in a row of its own. */
export function times<T>(count: number, run: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => run(index)));
}

/** Writes one character at a time until the connection is cut. */
export async function drip(attacker: Attacker, text: string, everyMs: number): Promise<void> {
  for (const character of text) {
    if (!attacker.socket.writable) return;
    attacker.socket.write(character);
    await delay(everyMs);
  }
}
