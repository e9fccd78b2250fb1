import type { Readable } from 'node:stream';
import type { IdentityDefaults } from '../../identity/defaults.ts';
import { auditClusterPods } from '../../audit/audit-cluster.ts';
import { Audit } from '../../audit/audit.ts';
import type { AuditAccounts } from '../../audit/judge-pod.ts';
import type { AuditReport } from '../../audit/report.ts';
import type { Suppression } from '../../audit/suppression.ts';
import { lookForWebhook } from '../../cluster/installed-webhook.ts';
import { type AccountSnapshot, readClusterSnapshot } from '../../cluster/accounts.ts';
import { createProgress } from '../../terminal/progress.ts';
import { decisionContext } from '../common/decision-context.ts';
import type { CommandContext } from '../common/define-command.ts';
import { defaultConfigMapName, filesBeforeCluster, readOfflineAccounts } from '../common/offline-accounts.ts';
import { openCluster } from '../../cluster/open-cluster.ts';
import { clusterAccess } from '../common/cluster-command.ts';
import type { AuditCommandOptions } from './audit-options.ts';

/** Audits the pods of a cluster. Rejects with CommandFailure or KubernetesError. */
export async function auditCluster(
  options: AuditCommandOptions,
  suppressions: readonly Suppression[],
  { io, settingFlags }: CommandContext,
): Promise<AuditReport> {
  const warn = (line: string): void => {
    io.stderr.write(`warning: ${line}\n`);
  };
  const cluster = await openCluster(clusterAccess(options), io.environment);
  const namespace = options.allNamespaces === true ? undefined : cluster.namespace;
  const { webhook, notes } = await lookForWebhook(cluster);
  for (const note of notes) warn(note);
  const { defaults, injection } = await decisionContext(settingFlags, io.environment, webhook?.flags);
  using progress = createProgress({ stream: io.stderr, now: () => performance.now() });
  progress.update('ServiceAccounts');
  const mapping = options.mapping === undefined ? webhook?.mapping : undefined;
  const { accounts: listed, problems } = await readClusterSnapshot(cluster, { namespace, defaults, mapping });
  for (const problem of problems) warn(problem);
  const accounts = await beforeCluster(options, listed, defaults, { stdin: io.stdin, warn });
  const { selector } = options;
  const begin = (): Audit =>
    new Audit({
      accounts,
      associationsKnown: options.associations !== undefined,
      defaults,
      injection,
      source: { kind: 'cluster', server: cluster.server },
      scope: { namespace: namespace ?? null, selector },
      suppressions,
    });
  const onPod = (pods: number): void => progress.update(`pods ${pods}`);
  const pods = { namespace, selector, onPod };
  const audit = await auditClusterPods(cluster, { accounts: listed, injection, begin, pods });
  return audit.finish(new Date().toISOString());
}

/** What files say about mapping and associations goes before what the cluster says. */
async function beforeCluster(
  { mapping, associations }: AuditCommandOptions,
  listed: AccountSnapshot,
  defaults: IdentityDefaults,
  { stdin, warn }: { readonly stdin: Readable; readonly warn: (line: string) => void },
): Promise<AuditAccounts> {
  const files = await readOfflineAccounts([], {
    files: { mapping, associations },
    reading: { stdin, recursive: false },
    defaults,
    namespace: '',
    configMapName: defaultConfigMapName,
  });
  for (const problem of files.problems) warn(problem);
  return { ...filesBeforeCluster(files, listed), names: () => listed.names() };
}
