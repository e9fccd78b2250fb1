import type { DirectAttack } from '../attacks/direct-attacks.ts';
import { attackWith, startBystander, startFortress } from './fortress.ts';
import { besiege, type SiegeReport } from './siege.ts';

/** An API server that is far away. */
const readMs = 100;

/** How long a pod of these accounts waits for live reads, of which one may be under way already. */
export function readsMs({ accounts = [] }: DirectAttack): number {
  return accounts.some(account => account.includes('#')) ? 2 * readMs : 0;
}

/** Attacks a webhook that was started for it. */
export async function besiegeDirectly(
  { name, attacks, accounts = ['app'] }: DirectAttack,
  probeTimeoutMs?: number,
): Promise<SiegeReport> {
  await using fortress = await startFortress('direct');
  const { webhook, group, api } = fortress;
  api.faults.plan('get', { kind: 'delay', ms: readMs }, Number.POSITIVE_INFINITY);
  return await besiege({
    ...{ name, webhook, group },
    startOthers: () => startBystander(webhook, { accounts, ...(probeTimeoutMs !== undefined && { probeTimeoutMs }) }),
    attack: signal => attackWith(webhook, attacks, signal),
  });
}
