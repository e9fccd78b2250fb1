import { isObject, ownList, ownObject, ownString, type JsonObject } from '../util/type-guards.ts';

/**
 * Whose webhook a configuration registers: this project's; the AWS webhook, as its own manifests, kOps and others install it;
 * or one that runs beside the API server and so cannot be seen from inside the cluster, as the managed one of EKS does.
 */
export type WebhookKind = 'ours' | 'aws' | 'managed';

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  readonly port: number;
}

/** A configuration that registers a webhook of this kind. */
export interface RecognisedHook {
  readonly kind: WebhookKind;
  /** Name of the MutatingWebhookConfiguration. */
  readonly configuration: string;
  /** Whom the API server calls; undefined where the configuration has a URL. */
  readonly service: ServiceReference | undefined;
  readonly url: string | undefined;
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
  const entries = ownList(configuration, 'webhooks').filter(isObject);
  const names = entries.map(entry => ownString(entry, 'name') ?? '');
  const isOurs = partOf(metadata) === 'irsa-webhook' || names.includes(`require.${hookName}`);
  const isKnown = name === usualConfigurationName || names.some(isKnownName);
  const [first] = entries;
  if (first === undefined || !(isOurs || isKnown)) return undefined;
  const client = ownObject(first, 'clientConfig') ?? {};
  const service = readService(client);
  return {
    kind: isOurs ? 'ours' : service === undefined ? 'managed' : 'aws',
    configuration: name,
    service,
    url: ownString(client, 'url'),
  };
}

function isKnownName(name: string): boolean {
  return name === managedHookName || name === hookName || name.endsWith(`.${hookName}`);
}

function partOf(metadata: JsonObject): string | undefined {
  return ownString(ownObject(metadata, 'labels') ?? {}, 'app.kubernetes.io/part-of');
}

/** Path and port have the API's own defaults. */
function readService(client: JsonObject): ServiceReference | undefined {
  const service = ownObject(client, 'service');
  if (service === undefined) return undefined;
  const port = service['port'];
  return {
    namespace: ownString(service, 'namespace') ?? '',
    name: ownString(service, 'name') ?? '',
    path: ownString(service, 'path') ?? '/',
    port: typeof port === 'number' ? port : 443,
  };
}
