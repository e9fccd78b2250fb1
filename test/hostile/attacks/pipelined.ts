import { setTimeout as delay } from 'node:timers/promises';
import { reviewOf } from '../../admission/support.ts';
import { headOf } from '../support/attacker.ts';
import { addressOf, type Siege } from './attack.ts';
import { Connection } from './connection.ts';

/** What follows a review on its connection before the review is answered. */
export type Follower = 'garbage' | 'review' | 'many-reviews';

/** Connections on which more than one request is on its way. */
export interface PipelinedAttack {
  readonly kind: 'pipelined';
  readonly connections: number;
  readonly followers: readonly Follower[];
}

const pauseMs = 20;
const manyReviews = 500;
/** The place of the last answer that may come. */
const lastPlace: { readonly [follower in Follower]: number } = { garbage: 1, review: 1, 'many-reviews': manyReviews };

export async function attackWithPipelines(attack: PipelinedAttack, siege: Siege): Promise<void> {
  const lane = async (index: number): Promise<void> => {
    const follower = attack.followers[index % attack.followers.length] ?? 'garbage';
    for (let number = index; !siege.signal.aborted; number += attack.connections) {
      await pipeline(follower, siege, number);
      await delay(pauseMs);
    }
  };
  await Promise.all(Array.from({ length: attack.connections }, (_, index) => lane(index)));
}

/** A review of an account that has to be read first, so that its answer takes a while, and what follows it. */
async function pipeline(follower: Follower, { target, counts, signal }: Siege, number: number): Promise<void> {
  const localAddress = addressOf(number % 8);
  const connection = await Connection.open({ port: target.port, localAddress, reading: 'fast', signal });
  if (connection === undefined) return counts.add('refused');
  await connection.write(review(`slow-${number}`, `unknown-${number}`) + followerOf(follower, number));
  const last = lastPlace[follower];
  for (let place = 0; place <= last; place += 1) {
    const answer = await connection.nextAnswer();
    if (signal.aborted) break;
    if (answer === undefined) {
      counts.add(`${follower}: cut after ${place}`);
      break;
    }
    const uid = place === 0 ? `slow-${number}` : `next-${place}-${number}`;
    const isOwn = answer.status === 503 || (answer.status === 200 && answer.beginning.includes(`"uid":"${uid}"`));
    // Bytes that are no request may be answered as what they are once all reviews before them have been answered.
    const isOfGarbage = follower === 'garbage' && place === 1 && answer.status === 400;
    if (isOwn || isOfGarbage) counts.add(`${follower}: ${answer.status}`);
    else counts.addWrong(`${follower}: ${uid} was answered ${answer.status} ${answer.beginning.slice(0, 100)}`);
    if (answer.status !== 200) break;
  }
  connection.socket.destroy();
}

function followerOf(follower: Follower, number: number): string {
  if (follower === 'garbage') return 'no request\r\n\r\n';
  if (follower === 'review') return review(`next-1-${number}`, 'app');
  return Array.from({ length: manyReviews }, (_, index) => review(`next-${index + 1}-${number}`, 'app', 200)).join('');
}

function review(uid: string, serviceAccountName: string, containers = 1): string {
  const spec = { serviceAccountName, containers: Array.from({ length: containers }, () => ({})) };
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: uid }, spec };
  const body = reviewOf({ uid, namespace: 'attacker', object });
  return headOf(`Content-Length: ${Buffer.byteLength(body)}`) + body;
}
