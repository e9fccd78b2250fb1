import type { ExplainedHookEntry } from '../../explanation/explanation.ts';
import { matchesLabels } from '../../kubernetes/objects.ts';
import { coversPodCreation, type HookEntry } from '../../cluster/registration.ts';
import { isObject, ownList, ownObject, ownString, type JsonObject } from '../../util/json.ts';
import { quote } from '../../util/text.ts';

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
