import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import { AccountSnapshot, noMapping, readMapping, type ReadMapping } from '../../cluster/accounts.ts';
import { lookForWebhook, type WebhookView } from '../../cluster/installed-webhook.ts';
import { openCluster, type Cluster } from '../../cluster/open-cluster.ts';
import { ifAllowed, readNamespaceLabels, readOrUndefined, type ClusterReader } from '../../cluster/reader.ts';
import { coversPodCreation, type HookEntry } from '../../cluster/registration.ts';
import type { ExplainedHookEntry } from '../../explanation/explanation.ts';
import type { HookFacts } from '../../explanation/explain-pod.ts';
import type { UnseenSources } from '../../explanation/explain-sources.ts';
import { noAssociations } from '../../identity/associations.ts';
import type { IdentityDefaults } from '../../identity/defaults.ts';
import { matchesLabels } from '../../kubernetes/objects.ts';
import { serviceAccountPath } from '../../kubernetes/paths.ts';
import { isObject, ownList, ownObject, ownString, type JsonObject } from '../../util/json.ts';
import { quote } from '../../util/text.ts';
import { clusterAccess, type ClusterOptions } from '../common/cluster-command.ts';
import { decisionContext, type DecisionContext } from '../common/decision-context.ts';
import type { CommandContext } from '../common/define-command.ts';
import type { KnownAccounts } from '../common/offline-accounts.ts';

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

export interface SelectedLabels {
  readonly pod: JsonObject;
  /** Undefined where the namespace may not be read. */
  readonly namespace: JsonObject | undefined;
}

/** Which entries of the webhook's configuration the API server asks about a new pod with these labels, and why not the others. */
export function explainEntries(entries: readonly HookEntry[], labels: SelectedLabels): readonly ExplainedHookEntry[] {
  return entries.filter(({ rules }) => coversPodCreation(rules)).map(entry => explainEntry(entry, labels));
}

function explainEntry(entry: HookEntry, labels: SelectedLabels): ExplainedHookEntry {
  const { name, failurePolicy, matchConditions } = entry;
  const mismatch = mismatchOf(entry, labels);
  const detail = mismatch ?? `selects this pod${reservation(entry, labels)}`;
  return { name, selects: mismatch === undefined, detail, failurePolicy, matchConditions };
}

function reservation({ matchConditions, namespaceSelector }: HookEntry, { namespace }: SelectedLabels): string {
  const isUnread = namespace === undefined && Object.keys(namespaceSelector).length > 0;
  if (isUnread) return ', if its namespaceSelector takes the namespace, whose labels may not be read';
  return matchConditions.length === 0 ? '' : ', if its matchConditions agree';
}

function mismatchOf({ objectSelector, namespaceSelector }: HookEntry, labels: SelectedLabels): string | undefined {
  const byPod = failingRequirement(objectSelector, labels.pod);
  if (byPod !== undefined) return `its objectSelector excludes the pod: ${byPod}`;
  if (labels.namespace === undefined) return undefined;
  const byNamespace = failingRequirement(namespaceSelector, labels.namespace);
  return byNamespace === undefined ? undefined : `its namespaceSelector excludes the namespace: ${byNamespace}`;
}

/** The first requirement of a selector that the labels do not meet; each is asked alone, since all have to be met. */
function failingRequirement(selector: JsonObject, labels: JsonObject): string | undefined {
  for (const [key, value] of Object.entries(ownObject(selector, 'matchLabels') ?? {})) {
    if (matchesLabels({ matchLabels: { [key]: value } }, labels)) continue;
    return `it needs ${key}=${String(value)}, found ${found(labels, key)}`;
  }
  for (const expression of ownList(selector, 'matchExpressions').filter(isObject)) {
    if (matchesLabels({ matchExpressions: [expression] }, labels)) continue;
    const key = ownString(expression, 'key') ?? '';
    return `it needs ${describe(expression, key)}, found ${found(labels, key)}`;
  }
  return undefined;
}

function describe(expression: JsonObject, key: string): string {
  const values = ownList(expression, 'values').map(String).join(', ');
  const operator = ownString(expression, 'operator') ?? '';
  return values === '' ? `${key} ${operator}` : `${key} ${operator} (${values})`;
}

function found(labels: JsonObject, key: string): string {
  const value = ownString(labels, key);
  return value === undefined ? 'no such label' : quote(value);
}
