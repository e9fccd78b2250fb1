import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FairBudget, Holder } from '../util/fair-budget.ts';

/** A longer answer is sent in pieces of this size, so that only one of them is there twice: as text and encrypted. */
const pieceBytes = 65_536;

/**
 * Sends a review's answer, which counts as held until its reader has taken it. False when the budget has no room for it: then
 * nothing is sent. A reader that takes it too slowly loses its connection when the bytes are needed for others.
 */
export function sendAnswer(response: ServerResponse, body: string, holder: Holder, budget: FairBudget): boolean {
  const length = Buffer.byteLength(body);
  const claim = budget.take(holder, length, () => response.destroy());
  if (claim === undefined) return false;
  response.once('close', () => claim.release());
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
  if (length <= pieceBytes) response.end(body);
  else void sendInPieces(response, Buffer.from(body));
  return true;
}

async function sendInPieces(response: ServerResponse, body: Buffer): Promise<void> {
  const closed = once(response, 'close');
  for (let from = 0; from < body.length && !response.destroyed; from += pieceBytes) {
    const hasRoom = response.write(body.subarray(from, from + pieceBytes));
    if (!hasRoom) await Promise.race([once(response, 'drain'), closed]);
  }
  response.end();
}
