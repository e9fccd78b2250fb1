import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import { AccountSnapshot, noMapping, readMapping, type ReadMapping } from '../../cluster/accounts.ts';
import { lookForWebhook, type WebhookView } from '../../cluster/installed-webhook.ts';
import { openCluster, type Cluster } from '../../cluster/open-cluster.ts';
import { ifAllowed, readNamespaceLabels, readOrUndefined, type ClusterReader } from '../../cluster/reader.ts';
import type { HookFacts } from '../../explanation/explain-hook.ts';
import type { UnseenSources } from '../../explanation/explain-sources.ts';
import { noAssociations } from '../../identity/associations.ts';
import type { IdentityDefaults } from '../../identity/defaults.ts';
import { serviceAccountPath } from '../../kubernetes/paths.ts';
import type { JsonObject } from '../../util/json.ts';
import { clusterAccess, type ClusterOptions } from '../common/cluster-command.ts';
import { decisionContext, type DecisionContext } from '../common/decision-context.ts';
import type { CommandContext } from '../common/define-command.ts';
import type { KnownAccounts } from '../common/offline-accounts.ts';
import { explainEntries } from './explain-entries.ts';

/** A cluster, its webhook, and what that decides with. */
export interface ClusterSession {
  readonly cluster: Cluster;
  readonly view: WebhookView;
  readonly mapping: MappingView;
  readonly decision: DecisionContext;
}

/** Opens the cluster and reads what all explanations share. Rejects with CommandFailure or KubernetesError. */
export async function openClusterSession(
  options: ClusterOptions,
  { io, settingFlags }: CommandContext,
): Promise<ClusterSession> {
  const stop = new AbortController();
  const cluster = await openCluster(clusterAccess(options), io.environment, stop.signal);
  io.process.onTermination(() => stop.abort());
  const view = await lookForWebhook(cluster);
  const decision = await decisionContext(settingFlags, io.environment, view.webhook?.flags);
  const mapping = await readMappingView(cluster, view, decision.defaults);
  for (const problem of mapping.problems) io.stderr.write(`warning: ${problem}\n`);
  return { cluster, view, mapping, decision };
}

interface MappingView extends ReadMapping {
  /** Why it cannot be seen. */
  readonly unseen?: string;
}

/** Reads the mapping ConfigMap of the webhook. Rejects with KubernetesError, but not where a right is missing. */
async function readMappingView(
  cluster: ClusterReader,
  { kind, webhook }: WebhookView,
  defaults: IdentityDefaults,
): Promise<MappingView> {
  if (kind === 'unknown') return { ...noMapping, unseen: 'where the webhook has its mapping may not be seen' };
  const mapping = webhook?.mapping;
  if (mapping === undefined) return noMapping;
  const read = await ifAllowed(() => readMapping(cluster, { defaults, mapping }));
  if ('value' in read) return read.value;
  return { ...noMapping, unseen: `ConfigMap ${mapping.namespace}/${mapping.name} may not be read: ${read.refusal}` };
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
  { cluster, mapping: { mapping }, decision: { defaults } }: ClusterSession,
  { namespace, name }: ServiceAccountReference,
): Promise<LiveAccount> {
  const object = await readOrUndefined(cluster, serviceAccountPath(namespace, name));
  const accounts = new AccountSnapshot({ mapping, associations: noAssociations, defaults });
  if (object !== undefined) accounts.add(object, namespace);
  return { object, accounts };
}

/** What the explanation needs of the webhook for a pod with these labels. Rejects with KubernetesError. */
export async function readHookFacts(
  { cluster, view }: ClusterSession,
  { labels, namespace }: { readonly labels: JsonObject; readonly namespace: string },
): Promise<HookFacts> {
  if (view.kind === 'not_installed') return { kind: 'not_installed' };
  if (view.kind === 'unknown') return { kind: 'unknown', detail: view.detail };
  const { hook } = view.webhook;
  // Who may not read the namespace still learns what the labels of the pod decide.
  const read = await ifAllowed(() => readNamespaceLabels(cluster, namespace));
  const ofNamespace = 'value' in read ? read.value : undefined;
  const entries = explainEntries(hook.entries, { pod: labels, namespace: ofNamespace });
  const { configuration: name, object: configuration } = hook;
  return { kind: 'installed', name, configuration, entries, notes: view.notes };
}

/** What the cluster does not show of the sources of roles. */
export function unseenSources({ view, mapping }: ClusterSession): UnseenSources {
  return { association: unseenAssociations(view), mapping: mapping.unseen };
}

function unseenAssociations(view: WebhookView): string | undefined {
  if (view.kind === 'not_installed') return undefined;
  if (view.kind === 'unknown') return 'where the webhook has its associations may not be seen';
  const { kind, associationsFile } = view.webhook;
  if (kind === 'managed')
    return 'the webhook runs outside the cluster, as that of EKS does: its associations cannot be seen from here';
  return associationsFile === undefined
    ? undefined
    : `the file ${associationsFile} of the webhook's container cannot be read from here`;
}
