import { once } from 'node:events';
import { connect as connectPlainly, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { AnswerReader, type Answer } from './answer-reader.ts';

/** How a client takes its answers: not at all, one byte a second, or as they come. */
export type Reading = 'none' | 'slow' | 'fast';

const slowReadMs = 1_000;

export interface ConnectionOptions {
  readonly port: number;
  /** The address that it comes from. */
  readonly localAddress: string;
  readonly reading: Reading;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** False: without TLS. Default: true. */
  readonly isSecure?: boolean;
}

/** A connection that writes any bytes, and takes its answers as slowly as it likes. */
export class Connection {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly #answers: Answer[] = [];
  #arrived = Promise.withResolvers<void>();

  private constructor(socket: Socket, { reading, signal }: ConnectionOptions) {
    this.socket = socket;
    const destroy = (): void => void socket.destroy();
    signal.addEventListener('abort', destroy);
    socket.on('error', () => undefined); // a reset is one of the ways to be cut off
    this.closed = new Promise(resolve =>
      socket.once('close', () => {
        signal.removeEventListener('abort', destroy);
        resolve();
      }),
    );
    const reader = new AnswerReader(answer => {
      this.#answers.push(answer);
      this.#arrived.resolve();
    });
    if (reading === 'fast') socket.on('data', (bytes: Buffer) => reader.push(bytes));
    if (reading === 'slow') void this.#readSlowly(reader);
  }

  /** Undefined where it was refused. */
  static async open(options: ConnectionOptions): Promise<Connection | undefined> {
    const { port, localAddress, isSecure = true } = options;
    const address = { host: '127.0.0.1', port, localAddress };
    // Nobody here minds whose certificate it is.
    const socket = isSecure ? connect({ ...address, rejectUnauthorized: false }) : connectPlainly(address);
    const connection = new Connection(socket, options);
    if (options.signal.aborted) socket.destroy();
    const opened = once(socket, isSecure ? 'secureConnect' : 'connect').then(
      () => true,
      () => false,
    );
    const isOpen = await Promise.race([opened, connection.closed.then(() => false)]);
    return isOpen ? connection : undefined;
  }

  /** Undefined where the connection ended without one. */
  async nextAnswer(): Promise<Answer | undefined> {
    if (this.#answers.length === 0) await Promise.race([this.#arrived.promise, this.closed]);
    this.#arrived = Promise.withResolvers<void>();
    return this.#answers.shift();
  }

  /** Writes as fast as the other side takes it. */
  async write(bytes: Buffer | string): Promise<void> {
    if (!this.socket.writable || this.socket.write(bytes)) return;
    await Promise.race([once(this.socket, 'drain').catch(() => undefined), this.closed]);
  }

  /** Writes each piece only when the one before has been sent, so that each becomes a TLS record. */
  async writePieces(bytes: Buffer, pieceBytes: number): Promise<void> {
    for (let at = 0; at < bytes.length && this.socket.writable; at += pieceBytes) {
      await new Promise<void>(resolve => {
        this.socket.write(bytes.subarray(at, at + pieceBytes), () => resolve());
      });
    }
  }

  async #readSlowly(reader: AnswerReader): Promise<void> {
    this.socket.pause();
    while (!this.socket.destroyed) {
      const byte: unknown = this.socket.read(1);
      if (byte instanceof Buffer) reader.push(byte);
      await delay(slowReadMs);
    }
  }
}
