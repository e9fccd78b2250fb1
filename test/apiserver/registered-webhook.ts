import { succeeded, type KubernetesClient } from '../support/cluster/client.ts';
import type { ClusterAccess } from '../support/cluster/cluster-files.ts';
import { createNamespace } from '../support/cluster/objects.ts';
import {
  createWebhookAccount,
  type WebhookAccount,
  type WebhookAccountOptions,
} from '../support/cluster/webhook-account.ts';
import { registerWebhook, type WebhookOptions } from '../support/cluster/webhook-registration.ts';
import { startWebhook, type WebhookProcess, type WebhookProcessOptions } from '../support/webhook-process.ts';

/** Long enough for a watch to be there again: the pause between two tries is 30 s at most. */
export const recoveryTimeoutMs = 60_000;

export interface RunningWebhookOptions {
  /** Of the namespace of the webhook, which is created. Unique in the cluster. */
  readonly namespace: string;
  readonly flags?: readonly string[];
  readonly permissions?: WebhookAccountOptions['permissions'];
  /** The document of the mapping ConfigMap. Default: there is none, and it is not looked for. */
  readonly mapping?: string;
  /** Where the webhook finds the API server, if not at its own address. */
  readonly apiServer?: string;
  /** How the process is started. */
  readonly process?: Pick<WebhookProcessOptions, 'command' | 'environment'>;
}

/** The built program with an account of its own in the cluster, ready. */
export interface RunningWebhook extends AsyncDisposable {
  readonly webhook: WebhookProcess;
  readonly account: WebhookAccount;
  readonly namespace: string;
}

/** Starts the built program as it runs in a pod: with its ServiceAccount's permissions and credentials. */
export async function runWebhook(
  admin: KubernetesClient,
  cluster: ClusterAccess,
  { namespace, flags = [], permissions, mapping, apiServer = cluster.url, process }: RunningWebhookOptions,
): Promise<RunningWebhook> {
  await using resources = new AsyncDisposableStack();
  await createNamespace(admin, namespace);
  if (mapping !== undefined) await createMapping(admin, namespace, mapping);
  const account = resources.use(
    await createWebhookAccount(admin, cluster, { namespace, ...(permissions !== undefined && { permissions }) }),
  );
  const webhook = resources.use(
    await startWebhook({
      ...process,
      apiServer,
      credentials: account.folder,
      flags: [`--namespace=${namespace}`, `--watch-config-map=${mapping !== undefined}`, ...flags],
    }),
  );
  const owned = resources.move();
  return { webhook, account, namespace, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Creates the mapping ConfigMap in the webhook's namespace. */
export async function createMapping(admin: KubernetesClient, namespace: string, config: string): Promise<void> {
  const configMap = { metadata: { name: 'pod-identity-webhook' }, data: { config } };
  succeeded(await admin.create(`/api/v1/namespaces/${namespace}/configmaps`, configMap));
}

export interface RegisteredWebhookOptions extends RunningWebhookOptions {
  /** Over: `Fail`, for pods of the webhook's own namespace. */
  readonly registration?: Partial<WebhookOptions>;
}

/** Starts the built program and registers it for the pods of its own namespace, whose errors then show. */
export async function runRegisteredWebhook(
  admin: KubernetesClient,
  cluster: ClusterAccess,
  { registration, ...options }: RegisteredWebhookOptions,
): Promise<RunningWebhook> {
  await using resources = new AsyncDisposableStack();
  const running = resources.use(await runWebhook(admin, cluster, options));
  const { webhook, namespace } = running;
  resources.use(await registerWebhook(admin, { ...registrationOf(webhook, namespace), ...registration }));
  const owned = resources.move();
  return { ...running, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What most tests register. */
export function registrationOf({ url, caBundle }: WebhookProcess, namespace: string): WebhookOptions {
  return { name: namespace, url, caBundle, namespaces: [namespace], failurePolicy: 'Fail' };
}
