import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import { readAccountName } from '../../admission/subject.ts';
import type { InstalledWebhook, WebhookView } from '../../cluster/installed-webhook.ts';
import type { Cluster } from '../../cluster/open-cluster.ts';
import type { ClusterSnapshot } from '../../cluster/accounts.ts';
import type { IdentityDefaults } from '../../identity/defaults.ts';
import { readPod } from '../../injection/pod.ts';
import type { ManifestObject } from '../../manifests/parse-manifests.ts';
import type { CommandIo } from '../command-io.ts';
import { clusterAccess, type ClusterOptions } from '../common/cluster-command.ts';
import {
  defaultConfigMapName,
  filesBeforeCluster,
  readOfflineAccounts,
  type KnownAccounts,
} from '../common/offline-accounts.ts';
import type { Workload } from './workloads.ts';

/** The options that name where accounts are. */
export interface AccountOptions extends ClusterOptions {
  readonly recursive: boolean;
  readonly serviceAccounts?: readonly string[];
  readonly mapping?: string;
  readonly associations?: string;
}

/** A cluster, and the webhook that runs in it. */
export interface ClusterSource {
  readonly cluster: Cluster;
  readonly webhook: InstalledWebhook | undefined;
}

/**
 * Opens the cluster of `--cluster`; undefined without that option. Writes to standard error what of its webhook is not known.
 * Rejects with KubernetesError.
 */
export async function openClusterSource(options: AccountOptions, io: CommandIo): Promise<ClusterSource | undefined> {
  if (options.cluster === undefined) return undefined;
  // Loaded when needed: HTTP and TLS take a tenth of the time of a run without.
  const { openCluster } = await import('../../cluster/open-cluster.ts');
  const { lookForWebhook } = await import('../../cluster/installed-webhook.ts');
  const cluster = await openCluster(clusterAccess(options), io.environment);
  const view = await lookForWebhook(cluster);
  for (const note of notesOf(view)) io.stderr.write(`note: ${note}\n`);
  return { cluster, webhook: view.webhook };
}

function notesOf({ webhook, notes }: WebhookView): readonly string[] {
  if (webhook?.associationsFile === undefined) return notes;
  const { associationsFile } = webhook;
  return [
    ...notes,
    `the webhook reads associations from ${associationsFile} of its container: give a copy by --associations`,
  ];
}

export interface AccountSources {
  readonly options: AccountOptions;
  readonly io: CommandIo;
  /** With `--cluster`. */
  readonly cluster: ClusterSource | undefined;
  readonly defaults: IdentityDefaults;
  /** The namespace of manifests that name none. */
  readonly namespace: string;
}

/** What an input holds. */
interface InputObjects {
  readonly manifests: readonly ManifestObject[];
  readonly workloads: readonly Workload[];
}

/**
 * Reads the accounts of the input, of the files that options name and, for the pods of the input, of the cluster. Rejects
 * with CommandFailure, ManifestProblem or KubernetesError.
 */
export async function openAccounts(inputs: readonly InputObjects[], sources: AccountSources): Promise<KnownAccounts> {
  const { options, io, cluster, defaults, namespace } = sources;
  const manifests = inputs.flatMap(input => input.manifests);
  const files = await readOfflineAccounts(manifests, {
    files: options,
    reading: { stdin: io.stdin, recursive: options.recursive },
    defaults,
    namespace,
    configMapName: cluster?.webhook?.mapping?.name ?? defaultConfigMapName,
  });
  warn(io, files.problems);
  if (cluster === undefined) return files;
  const wanted = inputs.flatMap(({ workloads }) => workloads.map(accountOf)).filter(account => !files.has(account));
  const live = await readClusterAccounts(cluster, wanted, defaults);
  warn(io, live.problems);
  return filesBeforeCluster(files, live.accounts);
}

function warn({ stderr }: CommandIo, problems: readonly string[]): void {
  for (const problem of problems) stderr.write(`warning: ${problem}\n`);
}

function accountOf({ request }: Workload): ServiceAccountReference {
  return { namespace: request.namespace, name: readAccountName(readPod(request.object ?? {})).name };
}

/** Reads these ServiceAccounts and the webhook's mapping. */
async function readClusterAccounts(
  { cluster, webhook }: ClusterSource,
  wanted: readonly ServiceAccountReference[],
  defaults: IdentityDefaults,
): Promise<ClusterSnapshot> {
  const { readNamedAccounts } = await import('../../cluster/accounts.ts');
  return readNamedAccounts(cluster, wanted, { defaults, mapping: webhook?.mapping });
}
