import { setMaxListeners } from 'node:events';
import { setPriority } from 'node:os';
import { AttackCounts, type AttackReport, type AttackTarget, type Siege } from '../attacks/attack.ts';
import { attackWithIdleConnections, type IdleAttack } from '../attacks/idle-connections.ts';
import { attackWithPipelines, type PipelinedAttack } from '../attacks/pipelined.ts';
import { attackWithReviews, type ReviewsAttack } from '../attacks/reviews.ts';
import { attackAsTenant, type TenantAttack } from '../attacks/tenant.ts';
import { serveParent } from './client-process.ts';

/** Attacks in all these ways at once, in a process of its own. */
export interface AttackData {
  readonly target: AttackTarget;
  readonly attacks: readonly Attack[];
}

export type Attack = ReviewsAttack | IdleAttack | PipelinedAttack | TenantAttack;

/** It shares a core with the clients that are to be served meanwhile, and takes what they leave. */
const niceness = 10;

function run(attack: Attack, siege: Siege): Promise<void> {
  switch (attack.kind) {
    case 'reviews':
      return attackWithReviews(attack, siege);
    case 'idle':
      return attackWithIdleConnections(attack, siege);
    case 'pipelined':
      return attackWithPipelines(attack, siege);
    case 'tenant':
      return attackAsTenant(attack, siege);
  }
}

await serveParent<AttackData, AttackReport>(async ({ target, attacks }) => {
  setPriority(niceness);
  const end = new AbortController();
  setMaxListeners(0, end.signal);
  const counts = new AttackCounts();
  const siege = { target, counts, signal: end.signal };
  const all = Promise.all(attacks.map(attack => run(attack, siege)));
  return async () => {
    end.abort();
    await all;
    return counts.report();
  };
});
