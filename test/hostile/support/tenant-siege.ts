import type { KubernetesClient } from '../../support/cluster/client.ts';
import type { ClusterAccess } from '../../support/cluster/cluster-files.ts';
import type { TenantPlan } from '../attacks/tenant-attacks.ts';
import type { Attack } from './attack-program.ts';
import { attackWith, startBystander } from './fortress.ts';
import { besiege, type SiegeReport } from './siege.ts';
import { startTenancy } from './tenancy.ts';

export interface TenantSiege {
  /** For a person. */
  readonly name: string;
  /** The beginning of all names in the cluster. */
  readonly prefix: string;
  /** What a tenant does; or what somebody does at the webhook itself. */
  readonly attack: TenantPlan['tenant'] | Attack;
  readonly probeTimeoutMs?: number;
}

/** Attacks a webhook that was started for it in this cluster, while pods of another namespace are created there. */
export async function besiegeInCluster(
  admin: KubernetesClient,
  cluster: ClusterAccess,
  { name, prefix, attack, probeTimeoutMs }: TenantSiege,
): Promise<SiegeReport> {
  await using tenancy = await startTenancy(admin, cluster, prefix);
  const { running, group, bystander, tenant } = tenancy;
  const { webhook } = running;
  const others = { namespace: bystander.namespace, cluster: bystander.access };
  const attacking: Attack = 'kind' in attack ? attack : { kind: 'tenant', ...tenant, ...attack };
  return await besiege({
    ...{ name, webhook, group },
    startOthers: () => startBystander(webhook, { ...others, ...(probeTimeoutMs !== undefined && { probeTimeoutMs }) }),
    attack: signal => attackWith(webhook, [attacking], signal),
  });
}
