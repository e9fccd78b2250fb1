import { connect, type KubernetesClient } from '../../support/cluster/client.ts';
import type { ClusterAccess } from '../../support/cluster/cluster-files.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { WebhookProcess } from '../../support/webhook-process.ts';
import type { AttackReport } from '../attacks/attack.ts';
import { writeAccounts } from '../attacks/tenant.ts';
import { attackSeconds, startBystander } from './fortress.ts';
import { besiege, untilOver, type SiegeReport } from './siege.ts';
import { startTenancy } from './tenancy.ts';

/** As many as it takes to fill the webhook's memory, were they kept as they are. */
const accounts = 900;
/** Generous for a busy machine: 13 s is usual. */
const writtenMs = 180_000;
/** Sixty times what it may take. */
const readyTimeoutMs = 120_000;
/** Long enough to see whether it stays. */
const afterwardsSeconds = 2;

export interface AccountsReport {
  readonly whileWritten: SiegeReport;
  readonly afterStart: SiegeReport;
  /** From the end of the webhook to the moment at which another in its place was ready; undefined when it never was. */
  readonly readyMs: number | undefined;
}

/** What a start is tried beside: accounts that are there, or that the tenant goes on writing. */
type StartBeside = 'accounts' | 'writes';

/** A tenant writes accounts with long annotations; once all are there the webhook is killed, and another starts in its place. */
export async function besiegeWithAccounts(
  admin: KubernetesClient,
  cluster: ClusterAccess,
  prefix: string,
  startBeside: StartBeside,
): Promise<AccountsReport> {
  await using tenancy = await startTenancy(admin, cluster, prefix);
  const { group, running, tenant, bystander } = tenancy;
  const { webhook: first } = running;
  using client = connect(tenant.access);
  const end = new AbortController();
  using _ = { [Symbol.dispose]: () => end.abort() };
  void writeAccounts(client, { namespace: tenant.namespace, accounts }, end.signal);
  const whileWritten = await besiege({
    ...{ name: 'long annotations', webhook: first, group },
    startOthers: () => startBystander(first, { namespace: bystander.namespace, cluster: bystander.access }),
    attack: signal => untilWritten(admin, tenant.namespace, signal),
  });
  if (startBeside === 'accounts') end.abort();
  const startMs = performance.now();
  const webhook = await tenancy.restart();
  const isReady = await becomesReady(webhook);
  const readyMs = isReady ? performance.now() - startMs : undefined;
  const afterStart = await besiege({
    ...{ name: `a start with long annotations, ready after ${readyMs?.toFixed(0) ?? 'many'} ms`, webhook, group },
    startOthers: () => startBystander(webhook, { namespace: bystander.namespace }),
    attack: signal => untilOver(afterwardsSeconds, signal).then(() => nothingSeen),
  });
  return { whileWritten, afterStart, readyMs };
}

/** Whether it ever does: how long it takes is measured, since an API server that is busy with the tenant is slow too. */
async function becomesReady(webhook: WebhookProcess): Promise<boolean> {
  const isDecided = async (): Promise<boolean> => !webhook.isRunning() || (await webhook.ask('/readyz')).status === 200;
  const options = { what: 'the webhook to be ready', timeoutMs: readyTimeoutMs };
  return waitFor(isDecided, options).then(
    () => webhook.isRunning(),
    () => false,
  );
}

const nothingSeen: AttackReport = { counts: {}, wrong: [] };

/** Until all accounts are there, and for as long as an attack takes. */
async function untilWritten(admin: KubernetesClient, namespace: string, signal: AbortSignal): Promise<AttackReport> {
  const last = `/api/v1/namespaces/${namespace}/serviceaccounts/attack-${accounts - 1}`;
  await untilOver(attackSeconds, signal);
  const isWritten = async (): Promise<boolean> => signal.aborted || (await admin.get(last)).status === 200;
  await waitFor(isWritten, { what: 'all accounts to be written', timeoutMs: writtenMs });
  return nothingSeen;
}
