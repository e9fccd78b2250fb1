import { lookForWebhook, type InstalledWebhook, type WebhookView } from '../../cluster/installed-webhook.ts';
import { openCluster, type Cluster } from '../../cluster/open-cluster.ts';
import { readNamedAccounts, type ClusterSnapshot } from '../../cluster/accounts.ts';
import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import type { IdentityDefaults } from '../../identity/defaults.ts';
import type { CommandIo } from '../command-io.ts';
import { clusterAccess } from '../common/cluster-command.ts';
import type { MutateOptions } from './mutate-options.ts';

/** A cluster, and the webhook that runs in it. */
export interface ClusterSource {
  readonly cluster: Cluster;
  readonly webhook: InstalledWebhook | undefined;
}

/** Opens the cluster of `--cluster`. Says on standard error what of its webhook is not known. Rejects with KubernetesError. */
export async function openClusterSource(options: MutateOptions, io: CommandIo): Promise<ClusterSource> {
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

/** Reads these ServiceAccounts and the webhook's mapping. Rejects with KubernetesError. */
export async function readClusterAccounts(
  { cluster, webhook }: ClusterSource,
  wanted: readonly ServiceAccountReference[],
  defaults: IdentityDefaults,
): Promise<ClusterSnapshot> {
  return readNamedAccounts(cluster, wanted, { defaults, mapping: webhook?.mapping });
}
