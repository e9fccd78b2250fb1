import { withinDeadline } from '../util/deadline.ts';
import type { App } from './create-app.ts';

/** Whether this process is about to end: it still answers, and tells clients to go elsewhere next time. */
export interface DrainState {
  begin(): void;
  readonly isDraining: () => boolean;
}

export function createDrainState(): DrainState {
  let draining = false;
  return {
    begin() {
      draining = true;
    },
    isDraining: () => draining,
  };
}

/**
 * Stops listening, closes idle connections, waits for requests in flight up to `timeoutMs` and cuts the rest. Resolves
 * with the number of connections that were cut.
 */
export async function closeApp({ fastify, connections, moreListeners }: App, timeoutMs: number): Promise<number> {
  for (const listener of moreListeners) listener.close();
  // The server waits for the connections of its own listener only.
  const closed = Promise.all([fastify.close(), connections.ended()]);
  const { kind } = await withinDeadline(closed, timeoutMs);
  if (kind === 'settled') return 0;
  const cut = connections.cutAll();
  await closed;
  return cut;
}
