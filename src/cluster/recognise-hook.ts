import { ownObject, ownString, type JsonObject } from '../util/type-guards.ts';
import { readEntries, type HookEntry, type ServiceReference } from './registration.ts';

/**
 * Whose webhook a configuration registers: this project's; the AWS webhook, as its own manifests, kOps and others install it;
 * or one that runs beside the API server and so cannot be seen from inside the cluster, as the managed one of EKS does.
 */
export type WebhookKind = 'ours' | 'aws' | 'managed';

/** A configuration that registers a webhook of this kind. */
export interface RecognisedHook {
  readonly kind: WebhookKind;
  /** Name of the MutatingWebhookConfiguration. */
  readonly configuration: string;
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

/** Which webhook this MutatingWebhookConfiguration registers; undefined for one that is about something else. */
export function recogniseHook(configuration: JsonObject): RecognisedHook | undefined {
  const metadata = ownObject(configuration, 'metadata') ?? {};
  const name = ownString(metadata, 'name') ?? '';
  const entries = readEntries(configuration);
  const isOurs = partOf(metadata) === 'irsa-webhook' || entries.some(entry => entry.name === `require.${hookName}`);
  const isKnown = name === usualConfigurationName || entries.some(entry => isKnownName(entry.name));
  const [first] = entries;
  if (first === undefined || !(isOurs || isKnown)) return undefined;
  const kind = isOurs ? 'ours' : first.service === undefined ? 'managed' : 'aws';
  return { kind, configuration: name, service: first.service, entries };
}

function isKnownName(name: string): boolean {
  return name === managedHookName || name === hookName || name.endsWith(`.${hookName}`);
}

function partOf(metadata: JsonObject): string | undefined {
  return ownString(ownObject(metadata, 'labels') ?? {}, 'app.kubernetes.io/part-of');
}

/** What is to be said of a webhook that is not ours. */
export function describeForeignHook({ kind, configuration }: Pick<RecognisedHook, 'kind' | 'configuration'>): string {
  const what = kind === 'aws' ? 'the AWS webhook' : "a webhook outside the cluster's sight, as EKS manages it";
  return `MutatingWebhookConfiguration ${configuration} registers ${what}`;
}
