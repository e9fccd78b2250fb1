import type { ServeSettings } from '../configuration/serve-settings.ts';
import { mutatingWebhookConfigurationsPath } from '../kubernetes/paths.ts';
import { parseDiscovery, type Discovery } from '../oidc/discovery.ts';
import { discoveryPath, keySetPath } from '../oidc/issuer-url.ts';
import { readKeySet } from '../oidc/key-set.ts';
import type { AccountSnapshot } from '../cluster/accounts.ts';
import { readClusterSnapshot } from '../cluster/read-accounts.ts';
import type { JsonObject } from '../util/json.ts';
import { listObjects, readNamespaceLabels, type ClusterReader } from '../cluster/reader.ts';
import { findHooks, readInstalledWebhook, settingsOf, type InstalledWebhook } from '../cluster/installed-webhook.ts';
import { listPods } from '../cluster/workload.ts';
import { readPodMetrics, type PodMetrics } from '../cluster/metrics.ts';

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
  const { client, timeoutMs, signal } = cluster;
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
    discovery: once(async () =>
      parseDiscovery(JSON.stringify(await client.get(discoveryPath, { timeoutMs, signal })), discoveryPath),
    ),
    keys: once(async () => readKeySet(await client.get(keySetPath, { timeoutMs, signal }), keySetPath).keys),
    namespaceLabels: name => readNamespaceLabels(cluster, name),
  };
}

/** Where the metadata service tells the account, any will do: only the form of roles is looked at here. */
const unknownAccount = '000000000000';

/** The same promise for whoever asks. */
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
