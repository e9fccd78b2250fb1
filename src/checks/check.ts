import { type WebhookWorkload, listPods } from '../cluster/workload.ts';
import { type InstalledWebhook, findHooks, readInstalledWebhook, settingsOf } from '../cluster/installed-webhook.ts';
import type { ServeSettings } from '../configuration/serve-settings.ts';
import { mutatingWebhookConfigurationsPath } from '../kubernetes/paths.ts';
import { readClusterDiscovery, readClusterKeys } from '../cluster/issuer.ts';
import type { Discovery } from '../oidc/documents.ts';
import { type AccountSnapshot, readClusterSnapshot } from '../cluster/accounts.ts';
import type { JsonObject } from '../util/json.ts';
import { listObjects, readNamespaceLabels, type ClusterReader } from '../cluster/reader.ts';
import { readPodMetrics, type PodMetrics } from '../cluster/metrics.ts';

/** How a check ended. Texts are one line each. */
export type CheckOutcome =
  | { readonly status: 'passed'; readonly detail: string }
  /** `hint`: what to do about it. */
  | { readonly status: 'warning' | 'failed'; readonly detail: string; readonly hint: string }
  /** `detail`: why it could not be told, for example a right that the caller lacks. */
  | { readonly status: 'skipped'; readonly detail: string };

/** What the checks are about, in the order they are shown. */
export type CheckGroup =
  | 'Kubernetes API'
  | 'Registration'
  | 'Certificate'
  | 'Workload'
  | 'Other webhooks'
  | 'Identities'
  | 'Token issuer'
  | 'Injection'
  | 'Installation';

/** One thing that is right or wrong in a cluster. */
export interface Check {
  /** Stable: results in JSON, and the heading of docs/check.md. */
  readonly code: string;
  readonly group: CheckGroup;
  /** What is so when the check has passed. */
  readonly title: string;
  /** Rejects with KubernetesError where the API server could not be asked. */
  run(context: CheckContext): Promise<CheckOutcome>;
}

export function passed(detail: string): CheckOutcome {
  return { status: 'passed', detail };
}

export function warning(detail: string, hint: string): CheckOutcome {
  return { status: 'warning', detail, hint };
}

export function failed(detail: string, hint: string): CheckOutcome {
  return { status: 'failed', detail, hint };
}

export function skipped(detail: string): CheckOutcome {
  return { status: 'skipped', detail };
}

type Run = Check['run'];

/** A check of the registered webhook, whichever it is; skipped where there is none. */
export function ofWebhook(
  judge: (webhook: InstalledWebhook, context: CheckContext) => CheckOutcome | Promise<CheckOutcome>,
): Run {
  return async context => {
    const webhook = await context.webhook();
    return webhook === undefined ? skipped('no webhook is registered') : judge(webhook, context);
  };
}

/** A check of what answers the API server; skipped where that cannot be seen. */
export function ofWorkload(
  judge: (
    workload: WebhookWorkload,
    webhook: InstalledWebhook,
    context: CheckContext,
  ) => CheckOutcome | Promise<CheckOutcome>,
): Run {
  return ofWebhook((webhook, context) => {
    if (webhook.workload !== undefined) return judge(webhook.workload, webhook, context);
    return skipped('what answers the API server cannot be seen');
  });
}

/** What the checks know of their caller. */
export interface CheckOptions {
  readonly cluster: ClusterReader;
  /** Version of this program. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** The namespace to install into, or to try a pod in; undefined where the caller names none. */
  readonly namespace: string | undefined;
  /** PEM of the authorities that the issuer is trusted by, instead of those of Node.js. */
  readonly issuerCa: string | undefined;
  /** Has HTTPS_PROXY and NO_PROXY where the way to the issuer is a proxy. */
  readonly environment: { readonly [name: string]: string | undefined };
}

/** What several checks read, each read once; they run at the same time. All reject with KubernetesError. */
export interface CheckContext extends CheckOptions {
  /** Every MutatingWebhookConfiguration. */
  readonly configurations: () => Promise<readonly JsonObject[]>;
  /** The webhook that is checked; undefined where none is registered. */
  readonly webhook: () => Promise<InstalledWebhook | undefined>;
  /** Pods behind the Service. */
  readonly pods: () => Promise<readonly JsonObject[]>;
  readonly metrics: () => Promise<readonly PodMetrics[]>;
  /** ServiceAccounts as the webhook reads them. */
  readonly accounts: () => Promise<AccountSnapshot>;
  /** As the API server publishes it inside the cluster. Rejects with OidcError too. */
  readonly discovery: () => Promise<Discovery>;
  readonly keys: () => Promise<readonly JsonObject[]>;
  /** Labels of a namespace; undefined where it does not exist. */
  readonly namespaceLabels: (name: string) => Promise<JsonObject | undefined>;
}

export function createCheckContext(options: CheckOptions): CheckContext {
  const { cluster } = options;
  const configurations = once(() => listObjects(cluster, mutatingWebhookConfigurationsPath));
  const webhook = once(async () => {
    const [hook] = findHooks(await configurations());
    return hook === undefined ? undefined : readInstalledWebhook(cluster, hook);
  });
  const settings = async (): Promise<ServeSettings> => (await webhook())?.settings ?? settingsOf(new Map());
  const pods = once(async () => {
    const workload = (await webhook())?.workload;
    return workload === undefined ? [] : listPods(cluster, workload.namespace, workload.selector);
  });
  return {
    ...options,
    configurations,
    webhook,
    pods,
    metrics: once(async () => readPodMetrics(cluster, await pods(), (await settings()).serving.metricsPort)),
    accounts: once(async () => readAccounts(cluster, await settings())),
    discovery: once(() => readClusterDiscovery(cluster)),
    keys: once(() => readClusterKeys(cluster)),
    namespaceLabels: name => readNamespaceLabels(cluster, name),
  };
}

/** Where the metadata service tells the account, any will do: only the form of roles is looked at here. */
const unknownAccount = '000000000000';

/** Every caller gets the same promise. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}

/** Mappings are left out: an annotation wins over them, and they are a check of their own. */
async function readAccounts(
  cluster: ClusterReader,
  { identity, composeRoleArn }: ServeSettings,
): Promise<AccountSnapshot> {
  const { enabled, accountId = unknownAccount, partition = 'aws' } = composeRoleArn;
  const defaults = { ...identity, ...(enabled && { composeRoleArn: { accountId, partition } }) };
  const { accounts } = await readClusterSnapshot(cluster, { defaults, mapping: undefined });
  return accounts;
}
