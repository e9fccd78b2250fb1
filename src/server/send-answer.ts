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
  response.on('close', () => claim.release());
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
  if (length <= pieceBytes) response.end(body);
  else void sendInPieces(response, Buffer.from(body));
  return true;
}

/** Never rejects: a connection that ends meanwhile wants no more. */
async function sendInPieces(response: ServerResponse, body: Buffer): Promise<void> {
  for (let from = 0; from < body.length && !response.destroyed; from += pieceBytes) {
    if (!response.write(body.subarray(from, from + pieceBytes))) await untilRoom(response);
  }
  response.end();
}

/** Resolves when more can be written, or the connection has ended. */
function untilRoom(response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    response.on('drain', settle).on('close', settle);
  });
}
