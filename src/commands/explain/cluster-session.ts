import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import type { HookFacts } from '../../explanation/explain-hook.ts';
import type { UnseenSources } from '../../explanation/explain-sources.ts';
import { noAssociations } from '../../identity/associations.ts';
import { readOrUndefined, type ClusterReader } from '../../cluster/reader.ts';
import { hasCode } from '../../kubernetes/kubernetes-error.ts';
import { objectPath, serviceAccountPath } from '../../kubernetes/paths.ts';
import { AccountSnapshot } from '../../cluster/accounts.ts';
import { ownObject, type JsonObject } from '../../util/type-guards.ts';
import { decisionContext, type DecisionContext } from '../common/decision-context.ts';
import type { CommandContext } from '../common/define-command.ts';
import type { KnownAccounts } from '../common/offline-accounts.ts';
import { openCluster } from '../common/open-cluster.ts';
import type { ClusterOptions } from '../common/cluster-command.ts';
import { explainEntries } from './explain-entries.ts';
import { readInstallation, readMappingView, type InstallationView, type MappingView } from './installation-view.ts';

/** A cluster, its webhook, and what that decides with. */
export interface ClusterSession {
  readonly reader: ClusterReader;
  readonly namespace: string;
  readonly view: InstallationView;
  readonly mapping: MappingView;
  readonly decision: DecisionContext;
}

/** Opens the cluster and reads what all explanations share. Rejects with CommandFailure or KubernetesError. */
export async function openClusterSession(
  options: ClusterOptions,
  { io, settingFlags }: CommandContext,
): Promise<ClusterSession> {
  const { client, timeoutMs, namespace } = await openCluster(options, io.environment);
  const stop = new AbortController();
  io.process.onTermination(() => stop.abort());
  const reader = { client, timeoutMs, signal: stop.signal };
  const view = await readInstallation(reader);
  const installed = view.kind === 'installed' ? view.installed.flags : undefined;
  const decision = await decisionContext(settingFlags, io.environment, installed);
  const mapping = await readMappingView(reader, view, decision.defaults);
  for (const problem of mapping.problems) io.stderr.write(`warning: ${problem}\n`);
  return { reader, namespace, view, mapping, decision };
}

/** A ServiceAccount of the cluster. */
export interface LiveAccount {
  /** As the API server gave it; undefined where there is none. */
  readonly object: JsonObject | undefined;
  /** It alone, with the mapping of the cluster. */
  readonly accounts: KnownAccounts;
}

/** Reads one ServiceAccount. Rejects with KubernetesError. */
export async function readLiveAccount(
  { reader, mapping: { mapping }, decision: { defaults } }: ClusterSession,
  { namespace, name }: ServiceAccountReference,
): Promise<LiveAccount> {
  const object = await readOrUndefined(reader, serviceAccountPath(namespace, name));
  const accounts = new AccountSnapshot({ mapping, associations: noAssociations, defaults });
  if (object !== undefined) accounts.add(object, namespace);
  return { object, accounts };
}

/** What the explanation needs of the webhook for a pod with these labels. Rejects with KubernetesError. */
export async function readHookFacts(
  { reader, view }: ClusterSession,
  { labels, namespace }: { readonly labels: JsonObject; readonly namespace: string },
): Promise<HookFacts> {
  if (view.kind !== 'installed') return view;
  const { installed, configuration } = view;
  const { hook, notes } = installed;
  const namespaceLabels = await readNamespaceLabels(reader, namespace);
  const entries = explainEntries(hook.entries, { pod: labels, namespace: namespaceLabels });
  return { kind: 'installed', name: hook.configuration, configuration, entries, notes };
}

/** Undefined where the namespace may not be read, or is not there. */
async function readNamespaceLabels(reader: ClusterReader, namespace: string): Promise<JsonObject | undefined> {
  try {
    const object = await readOrUndefined(reader, objectPath('/api/v1/namespaces', namespace));
    return object === undefined ? undefined : (ownObject(ownObject(object, 'metadata') ?? {}, 'labels') ?? {});
  } catch (error) {
    if (hasCode(error, 'forbidden')) return undefined;
    throw error;
  }
}

/** What the cluster does not show of the sources of roles. */
export function unseenSources({ view, mapping }: ClusterSession): UnseenSources {
  return { association: unseenAssociations(view), mapping: mapping.unseen };
}

function unseenAssociations(view: InstallationView): string | undefined {
  if (view.kind === 'not_installed') return undefined;
  if (view.kind === 'unknown') return 'where the webhook has its associations may not be seen';
  const { kind, associationsFile } = view.installed;
  if (kind === 'managed')
    return 'the webhook runs outside the cluster, as that of EKS does: its associations cannot be seen from here';
  return associationsFile === undefined
    ? undefined
    : `the file ${associationsFile} of the webhook's container cannot be read from here`;
}
