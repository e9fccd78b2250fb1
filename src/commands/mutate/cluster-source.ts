import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import { noAssociations } from '../../identity/associations.ts';
import type { IdentityDefaults } from '../../identity/defaults.ts';
import { readOrUndefined, type ClusterReader } from '../../cluster/reader.ts';
import { findInstalledWebhook, type InstalledWebhook } from '../../cluster/installed-webhook.ts';
import { hasCode } from '../../kubernetes/kubernetes-error.ts';
import { serviceAccountPath } from '../../kubernetes/paths.ts';
import { AccountSnapshot } from '../../cluster/accounts.ts';
import { readMapping, type ClusterSnapshot } from '../../cluster/read-accounts.ts';
import type { CommandIo } from '../command-io.ts';
import { openCluster } from '../common/open-cluster.ts';
import type { MutateOptions } from './mutate-options.ts';

/** A cluster, and the webhook that runs in it. */
export interface ClusterSource {
  readonly reader: ClusterReader;
  readonly namespace: string;
  readonly webhook: InstalledWebhook | undefined;
}

/** Opens the cluster of `--cluster`. Says on standard error what of its webhook is not known. Rejects with KubernetesError. */
export async function openClusterSource(options: MutateOptions, io: CommandIo): Promise<ClusterSource> {
  const { client, timeoutMs, namespace } = await openCluster(options, io.environment);
  const reader = { client, timeoutMs, signal: new AbortController().signal };
  const { webhook, notes } = await findWebhook(reader);
  for (const note of notes) io.stderr.write(`note: ${note}\n`);
  return { reader, namespace, webhook };
}

interface FoundWebhook {
  readonly webhook: InstalledWebhook | undefined;
  readonly notes: readonly string[];
}

async function findWebhook(reader: ClusterReader): Promise<FoundWebhook> {
  const defaults = 'settings are those of the flags and their defaults';
  try {
    const webhook = await findInstalledWebhook(reader);
    if (webhook === undefined)
      return { webhook, notes: [`the cluster has no webhook for AWS identities: ${defaults}`] };
    const { associationsFile, notes } = webhook;
    if (associationsFile === undefined) return { webhook, notes };
    const unread = `the webhook reads associations from ${associationsFile} of its container: give a copy by --associations`;
    return { webhook, notes: [...notes, unread] };
  } catch (error) {
    // Who applies manifests often may not read what is registered for the whole cluster.
    if (!hasCode(error, 'forbidden')) throw error;
    return { webhook: undefined, notes: [`the webhook of the cluster may not be seen: ${defaults}`] };
  }
}

/** Requests at a time: enough to hide the way to the cluster, few enough not to burden it. */
const concurrency = 16;

/** Reads these ServiceAccounts and the webhook's mapping. Rejects with KubernetesError. */
export async function readClusterAccounts(
  { reader, webhook }: ClusterSource,
  wanted: readonly ServiceAccountReference[],
  defaults: IdentityDefaults,
): Promise<ClusterSnapshot> {
  const { mapping, problems } = await readMapping({ ...reader, defaults, mapping: webhook?.mapping });
  const accounts = new AccountSnapshot({ mapping, associations: noAssociations, defaults });
  // A namespace or a name that is empty names nothing; the API server would take the path for another one.
  const named = wanted.filter(({ namespace, name }) => namespace !== '' && name !== '');
  const paths = [...new Set(named.map(({ namespace, name }) => serviceAccountPath(namespace, name)))];
  for (let start = 0; start < paths.length; start += concurrency) {
    const some = paths.slice(start, start + concurrency);
    const objects = await Promise.all(some.map(path => readOrUndefined(reader, path)));
    for (const object of objects) if (object !== undefined) accounts.add(object, '');
  }
  return { accounts, problems };
}
