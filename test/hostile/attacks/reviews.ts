import { setTimeout as delay } from 'node:timers/promises';
import { headOf } from '../support/attacker.ts';
import { addressOf, type Siege } from './attack.ts';
import { Connection, type Reading } from './connection.ts';
import { bytesOf, chunked, endlessChunks, type Framing, type ReviewBody } from './framing.ts';

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

const lastChunk = Buffer.from('0\r\n\r\n');
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
    if (body.kind === 'endless') return sendWithoutEnd(connection, endlessChunks(framing.bytes));
    return connection.write(Buffer.concat([chunked(bytesOf(body, number), framing.bytes), lastChunk]));
  }
  const bytes = bytesOf(body, number);
  await connection.write(headOf(`Content-Length: ${bytes.length}`, ...close));
  if (framing.kind === 'records') await connection.writePieces(bytes, framing.bytes);
  else await connection.write(bytes);
}

async function sendWithoutEnd(connection: Connection, bytes: Buffer): Promise<void> {
  while (connection.socket.writable) await connection.write(bytes);
}
