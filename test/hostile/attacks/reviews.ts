import { setTimeout as delay } from 'node:timers/promises';
import { reviewOf } from '../../admission/support.ts';
import { headOf } from '../support/attacker.ts';
import { addressOf, type Siege } from './attack.ts';
import { Connection, type Reading } from './connection.ts';

/** How the bytes of a body come. */
export type Framing =
  | { readonly kind: 'length' }
  /** With a length, in TLS records of so many bytes. */
  | { readonly kind: 'records'; readonly bytes: number }
  | { readonly kind: 'chunks'; readonly bytes: number };

/** What is in a body. */
export type ReviewBody =
  /** White space without an end; with a length it is that of the largest body. */
  | { readonly kind: 'endless' }
  /** White space of this length. */
  | { readonly kind: 'spaces'; readonly bytes: number }
  /** A pod of so many containers; in the names `#` stands for a number that differs by request. */
  | { readonly kind: 'pod'; readonly containers: number; readonly namespace: string; readonly account: string };

/** Many clients that send reviews of a kind, again and again. */
export interface ReviewsAttack {
  readonly kind: 'reviews';
  readonly connections: number;
  /** The connections come from so many addresses. */
  readonly addresses: number;
  readonly framing: Framing;
  readonly body: ReviewBody;
  readonly reading: Reading;
  /** So many different numbers stand for `#`. */
  readonly names: number;
}

const pieceBytes = 65_536;
const largestBody = 8 * 1_048_576;
/** Between two tries where nothing was taken. */
const pauseMs = 20;

/** Every connection has a client that sends one review after the other, and opens another when it was closed. */
export async function attackWithReviews(attack: ReviewsAttack, siege: Siege): Promise<void> {
  const lane = async (index: number): Promise<void> => {
    for (let number = index; !siege.signal.aborted; number += attack.connections) {
      await useConnection(attack, siege, number % Math.max(1, attack.names));
    }
  };
  await Promise.all(Array.from({ length: attack.connections }, (_, index) => lane(index)));
}

async function useConnection(attack: ReviewsAttack, { target, counts, signal }: Siege, number: number): Promise<void> {
  const localAddress = addressOf(number % attack.addresses);
  const connection = await Connection.open({ port: target.port, localAddress, reading: attack.reading, signal });
  if (connection === undefined) {
    counts.add('refused');
    await delay(pauseMs);
    return;
  }
  let status = 0;
  do {
    const answer = connection.nextAnswer();
    await Promise.race([sendReview(attack, connection, number), answer, connection.closed]);
    status = (await answer)?.status ?? 0;
    if (!signal.aborted) counts.add(status === 0 ? 'cut' : String(status));
  } while (status === 200 && connection.socket.writable && !signal.aborted);
  connection.socket.destroy();
  if (status !== 200) await delay(pauseMs);
}

async function sendReview({ framing, body }: ReviewsAttack, connection: Connection, number: number): Promise<void> {
  const close = body.kind === 'endless' ? ['Connection: close'] : [];
  if (framing.kind === 'chunks') {
    await connection.write(headOf('Transfer-Encoding: chunked', ...close));
    if (body.kind === 'endless')
      return sendWithoutEnd(connection, chunked(Buffer.alloc(pieceBytes, ' '), framing.bytes));
    return connection.write(Buffer.concat([chunked(bytesOf(body, number), framing.bytes), Buffer.from('0\r\n\r\n')]));
  }
  const bytes = bytesOf(body, number);
  await connection.write(headOf(`Content-Length: ${bytes.length}`, ...close));
  if (framing.kind === 'records') await connection.writePieces(bytes, framing.bytes);
  else await connection.write(bytes);
}

async function sendWithoutEnd(connection: Connection, bytes: Buffer): Promise<void> {
  while (connection.socket.writable) await connection.write(bytes);
}

function bytesOf(body: ReviewBody, number: number): Buffer {
  if (body.kind === 'endless') return Buffer.alloc(largestBody, ' ');
  if (body.kind === 'spaces') return Buffer.alloc(body.bytes, ' ');
  const named = (name: string): string => name.replace('#', String(number));
  const spec = { serviceAccountName: named(body.account), containers: 'here' };
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'attack' }, spec };
  const containers = new Array<string>(body.containers).fill('{}').join(',');
  const review = reviewOf({ namespace: named(body.namespace), object });
  return Buffer.from(review.replace('"here"', () => `[${containers}]`));
}

/** The bytes as chunks of this length. */
function chunked(bytes: Buffer, chunkBytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = bytes.subarray(at, at + chunkBytes);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}
