import { labelsOf, nameOf } from '../kubernetes/objects.ts';
import { numberAt, objectAt, objectsAt, ownList, ownObject, ownString, textAt, type JsonObject } from '../util/json.ts';

/**
 * Whose webhook a configuration registers: this project's; the AWS webhook, as its own manifests, kOps and others install it;
 * or one that runs next to the API server and so cannot be seen from inside the cluster, as the managed one of EKS does.
 */
export type WebhookKind = 'ours' | 'aws' | 'managed';

/** A configuration that registers a webhook of this kind. */
export interface RecognisedHook {
  readonly kind: WebhookKind;
  /** Name of the MutatingWebhookConfiguration. */
  readonly configuration: string;
  readonly object: JsonObject;
  /** Whom the API server calls by the first entry; undefined where that has a URL. */
  readonly service: ServiceReference | undefined;
  /** At least one. */
  readonly entries: readonly HookEntry[];
}

/** Name of the hook in the AWS webhook's manifests and, with prefixes for further entries, in ours. */
const hookName = 'pod-identity-webhook.amazonaws.com';
/** Name of the hook that EKS manages. */
const managedHookName = 'iam-for-pods.amazonaws.com';
/** EKS, kOps and OpenShift call the configuration so. */
const usualConfigurationName = 'pod-identity-webhook';

/** Returns which webhook this MutatingWebhookConfiguration registers; undefined for one that is about something else. */
export function recogniseHook(configuration: JsonObject): RecognisedHook | undefined {
  const name = nameOf(configuration);
  const entries = readEntries(configuration);
  const isOurs =
    partOf(configuration) === 'irsa-webhook' || entries.some(entry => entry.name === `require.${hookName}`);
  const isKnown = name === usualConfigurationName || entries.some(entry => isKnownName(entry.name));
  const [first] = entries;
  if (first === undefined || !(isOurs || isKnown)) return undefined;
  const kind = isOurs ? 'ours' : first.service === undefined ? 'managed' : 'aws';
  return { kind, configuration: name, object: configuration, service: first.service, entries };
}

function isKnownName(name: string): boolean {
  return name === managedHookName || name === hookName || name.endsWith(`.${hookName}`);
}

function partOf(configuration: JsonObject): string | undefined {
  return ownString(labelsOf(configuration), 'app.kubernetes.io/part-of');
}

/** What is to be said of a webhook that is not ours. */
export function describeForeignHook({ kind, configuration }: Pick<RecognisedHook, 'kind' | 'configuration'>): string {
  const what = kind === 'aws' ? 'the AWS webhook' : "a webhook outside the cluster's sight, as EKS manages it";
  return `MutatingWebhookConfiguration ${configuration} registers ${what}`;
}

/** What an entry of a webhook configuration is for: all pods, those that require an identity, or ephemeral containers. */
export type EntryRole = 'all' | 'require' | 'ephemeral';

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  readonly port: number;
}

/** One entry of a MutatingWebhookConfiguration, with the API's own defaults where it says nothing. */
export interface HookEntry {
  readonly name: string;
  readonly role: EntryRole;
  /** Whom the API server calls; undefined where the entry has a URL. */
  readonly service: ServiceReference | undefined;
  readonly url: string | undefined;
  /** PEM; empty where the entry has none. */
  readonly caBundle: string;
  readonly failurePolicy: string;
  readonly timeoutSeconds: number;
  readonly sideEffects: string;
  readonly reinvocationPolicy: string;
  readonly namespaceSelector: JsonObject;
  readonly objectSelector: JsonObject;
  /** CEL. */
  readonly matchConditions: readonly string[];
  readonly rules: readonly JsonObject[];
}

/**
 * The entries of a MutatingWebhookConfiguration.
 * https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/mutating-webhook-configuration-v1/
 */
export function readEntries(configuration: JsonObject): readonly HookEntry[] {
  return objectsAt(configuration, 'webhooks').map(readEntry);
}

function readEntry(entry: JsonObject): HookEntry {
  const rules = objectsAt(entry, 'rules');
  const objectSelector = ownObject(entry, 'objectSelector') ?? {};
  return {
    name: ownString(entry, 'name') ?? '',
    role: roleOf(rules, objectSelector),
    service: readService(entry),
    url: textAt(entry, 'clientConfig', 'url'),
    caBundle: Buffer.from(textAt(entry, 'clientConfig', 'caBundle') ?? '', 'base64').toString('utf8'),
    failurePolicy: ownString(entry, 'failurePolicy') ?? 'Fail',
    timeoutSeconds: numberAt(entry, 'timeoutSeconds') ?? 10,
    sideEffects: ownString(entry, 'sideEffects') ?? 'Unknown',
    reinvocationPolicy: ownString(entry, 'reinvocationPolicy') ?? 'Never',
    namespaceSelector: ownObject(entry, 'namespaceSelector') ?? {},
    objectSelector,
    matchConditions: objectsAt(entry, 'matchConditions').map(condition => ownString(condition, 'expression') ?? ''),
    rules,
  };
}

function roleOf(rules: readonly JsonObject[], objectSelector: JsonObject): EntryRole {
  if (rules.some(rule => ownList(rule, 'resources').includes('pods/ephemeralcontainers'))) return 'ephemeral';
  const requires = (key: string | undefined): boolean => key?.endsWith('/require-pod-identity') === true;
  const isRequire =
    Object.keys(ownObject(objectSelector, 'matchLabels') ?? {}).some(requires) ||
    objectsAt(objectSelector, 'matchExpressions').some(
      expression => requires(ownString(expression, 'key')) && ownString(expression, 'operator') === 'In',
    );
  return isRequire ? 'require' : 'all';
}

function readService(entry: JsonObject): ServiceReference | undefined {
  const service = objectAt(entry, 'clientConfig', 'service');
  if (service === undefined) return undefined;
  return {
    namespace: ownString(service, 'namespace') ?? '',
    name: ownString(service, 'name') ?? '',
    path: ownString(service, 'path') ?? '/',
    port: numberAt(service, 'port') ?? 443,
  };
}

/** True when one of the rules is about the creation of pods. */
export function coversPodCreation(rules: readonly JsonObject[]): boolean {
  const holds = (rule: JsonObject, field: string, value: string): boolean => {
    const list = ownList(rule, field);
    return list.includes(value) || list.includes('*');
  };
  return rules.some(
    rule =>
      holds(rule, 'operations', 'CREATE') &&
      holds(rule, 'apiGroups', '') &&
      holds(rule, 'apiVersions', 'v1') &&
      (holds(rule, 'resources', 'pods') || ownList(rule, 'resources').includes('*/*')),
  );
}
