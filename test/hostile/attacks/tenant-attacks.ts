import type { IdleAttack } from './idle-connections.ts';
import type { TenantAttack } from './tenant.ts';

/** What a tenant of a cluster does, by its API server alone. */
export interface TenantPlan {
  readonly name: string;
  readonly tenant: Pick<TenantAttack, 'pods' | 'accounts'>;
}

/** No more than the API server itself withstands: each patch costs it more than us. */
export const tenantPlans: readonly TenantPlan[] = [
  {
    name: 'pods with many containers and a long role (E171)',
    tenant: {
      accounts: 0,
      pods: [
        { account: 'long', containers: 1_500, parallel: 100 },
        { account: 'longest', containers: 1_500, parallel: 20 },
        { account: 'app', containers: 3_900, parallel: 10 },
      ],
    },
  },
  {
    name: 'all of that, and pods without a role (E157, E171)',
    tenant: {
      accounts: 300,
      pods: [
        { account: 'long', containers: 1_500, parallel: 40 },
        { account: 'app', containers: 3_900, parallel: 5 },
        { account: 'plain', containers: 1, parallel: 20 },
      ],
    },
  },
];

/** The API server keeps 25 connections, of which it uses the last; the others must not be taken for idle ones. */
export const comingAndGoing: IdleAttack = {
  ...{ kind: 'idle', port: 'tls', connections: 2_000, addresses: 1 },
  ...{ stayMs: 10_000, everyMs: 60_000 },
};
