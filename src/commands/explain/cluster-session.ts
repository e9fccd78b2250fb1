import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import { AccountSnapshot, noMapping, readMapping, type ReadMapping } from '../../cluster/accounts.ts';
import { lookForWebhook, type WebhookView } from '../../cluster/installed-webhook.ts';
import { judgeMatchConditions, type ConditionsVerdict, type CreatedPod } from '../../cluster/match-conditions.ts';
import { openCluster, type Cluster } from '../../cluster/open-cluster.ts';
import { ifAllowed, readNamespaceLabels, readOrUndefined, type ClusterReader } from '../../cluster/reader.ts';
import { coversPodCreation, type HookEntry } from '../../cluster/registration.ts';
import type { ExplainedHookEntry } from '../../explanation/explanation.ts';
import type { HookFacts } from '../../explanation/explain-pod.ts';
import type { UnseenSources } from '../../explanation/explain-sources.ts';
import { noAssociations } from '../../identity/associations.ts';
import type { IdentityDefaults } from '../../identity/defaults.ts';
import { labelsOf, matchesLabels } from '../../kubernetes/objects.ts';
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
  const name = `ConfigMap ${mapping.namespace}/${mapping.name}`;
  if ('refusal' in read) return { ...noMapping, unseen: `${name} may not be read: ${read.refusal}` };
  const { broken } = read.value;
  if (broken === undefined) return read.value;
  return { ...read.value, unseen: `${name} is broken: ${broken}; the webhook goes on with what it read before` };
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

/** What the explanation needs of the webhook for this pod. Rejects with KubernetesError. */
export async function readHookFacts({ cluster, view }: ClusterSession, created: CreatedPod): Promise<HookFacts> {
  if (view.kind === 'not_installed') return { kind: 'not_installed' };
  if (view.kind === 'unknown') return { kind: 'unknown', detail: view.detail };
  const { hook } = view.webhook;
  // Who may not read the namespace still learns what the labels of the pod decide.
  const read = await ifAllowed(() => readNamespaceLabels(cluster, created.namespace));
  const ofNamespace = 'value' in read ? read.value : undefined;
  const entries = explainEntries(hook.entries, { ...created, namespaceLabels: ofNamespace });
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

/** A pod, and what selects it. */
export interface SelectedPod extends CreatedPod {
  /** Undefined where the namespace may not be read. */
  readonly namespaceLabels: JsonObject | undefined;
}

/** Which entries of the webhook's configuration the API server asks about this new pod, and why not the others. */
export function explainEntries(entries: readonly HookEntry[], selected: SelectedPod): readonly ExplainedHookEntry[] {
  return entries.filter(({ rules }) => coversPodCreation(rules)).map(entry => explainEntry(entry, selected));
}

function explainEntry(entry: HookEntry, selected: SelectedPod): ExplainedHookEntry {
  const { name, failurePolicy } = entry;
  const verdict = judgeMatchConditions(entry.matchConditions, selected);
  const matchConditions = verdict.kind === 'undecided' ? verdict.conditions : [];
  const mismatch = mismatchOf(entry, selected) ?? leftOutBy(verdict);
  const detail = mismatch ?? `selects this pod${reservation(entry, matchConditions, selected)}`;
  return { name, selects: mismatch === undefined, detail, failurePolicy, matchConditions };
}

function leftOutBy(verdict: ConditionsVerdict): string | undefined {
  return verdict.kind === 'unmet' ? `its matchConditions leave out ${verdict.detail}` : undefined;
}

function reservation(
  { namespaceSelector }: HookEntry,
  undecided: readonly string[],
  { namespaceLabels }: SelectedPod,
): string {
  const isUnread = namespaceLabels === undefined && Object.keys(namespaceSelector).length > 0;
  if (isUnread) return ', if its namespaceSelector takes the namespace, whose labels may not be read';
  return undecided.length === 0 ? '' : ', if its other matchConditions agree, which are undecided here';
}

function mismatchOf({ objectSelector, namespaceSelector }: HookEntry, selected: SelectedPod): string | undefined {
  const byPod = failingRequirement(objectSelector, labelsOf(selected.pod));
  if (byPod !== undefined) return `its objectSelector excludes the pod: ${byPod}`;
  if (selected.namespaceLabels === undefined) return undefined;
  const byNamespace = failingRequirement(namespaceSelector, selected.namespaceLabels);
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
