import { runWebhook, registrationOf, type RunningWebhook } from '../../apiserver/registered-webhook.ts';
import { createServiceAccounts, roleAnnotation, withRole } from '../../apiserver/pods.ts';
import { connect, succeeded, type ClientOptions, type KubernetesClient } from '../../support/cluster/client.ts';
import type { ClusterAccess } from '../../support/cluster/cluster-files.ts';
import { createNamespace, createServiceAccount, requestToken } from '../../support/cluster/objects.ts';
import { registerWebhook } from '../../support/cluster/webhook-registration.ts';
import type { MemoryGroup } from '../../support/memory-group.ts';
import { launchWebhook, type WebhookProcess } from '../../support/webhook-process.ts';
import { createContainer } from './fortress.ts';
import { longestRole, longRole } from './roles.ts';

/** The webhook of a real API server, called for the pods of a tenant who attacks it and of others, who go on meanwhile. */
export interface Tenancy extends AsyncDisposable {
  readonly running: RunningWebhook;
  readonly group: MemoryGroup | undefined;
  /** Ends the webhook at once, and starts another in its place, on ports of its own. */
  restart(): Promise<WebhookProcess>;
  /** May create pods, and create and change ServiceAccounts, in its namespace, and nothing else. */
  readonly tenant: { readonly namespace: string; readonly access: ClientOptions };
  /** Where others create pods of the account `app`. */
  readonly bystander: { readonly namespace: string; readonly access: ClientOptions };
}

/** `name` is the beginning of all names in the cluster. */
export async function startTenancy(admin: KubernetesClient, cluster: ClusterAccess, name: string): Promise<Tenancy> {
  const resources = new AsyncDisposableStack();
  const tenant = { namespace: `${name}-tenant`, access: await createTenant(admin, cluster, `${name}-tenant`) };
  const bystander = { namespace: `${name}-bystander`, access: { ...cluster, token: cluster.adminToken } };
  // What a tenant leaves would be listed by the webhook of the next test.
  resources.defer(() => removeAccounts(bystander.access, tenant.namespace));
  await createNamespace(admin, bystander.namespace);
  await createServiceAccount(admin, bystander.namespace, 'app', withRole('app'));
  const container = resources.use(await createContainer(name));
  const running = resources.use(await runWebhook(admin, cluster, { namespace: name, process: container.process }));
  const namespaces = [tenant.namespace, bystander.namespace];
  const registration = { ...registrationOf(running.webhook, name), namespaces, failurePolicy: 'Ignore' } as const;
  resources.use(await registerWebhook(admin, registration));
  const restart = async (): Promise<WebhookProcess> => {
    await running.webhook.kill();
    const credentials = running.account.folder;
    const flags = [`--namespace=${name}`, '--watch-config-map=false'];
    return resources.use(await launchWebhook({ apiServer: cluster.url, credentials, flags, ...container.process }));
  };
  return {
    ...{ running, group: container.group, restart, tenant, bystander },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** On a connection of its own: one that was idle during the attack may be closed just then. */
async function removeAccounts(access: ClientOptions, namespace: string): Promise<void> {
  using client = connect(access);
  succeeded(await client.delete(`/api/v1/namespaces/${namespace}/serviceaccounts`));
}

async function createTenant(
  admin: KubernetesClient,
  { url, ca }: ClusterAccess,
  namespace: string,
): Promise<ClientOptions> {
  await createNamespace(admin, namespace);
  const roles = new Map([
    ['app', withRole('app')],
    ['long', { [roleAnnotation]: longRole }],
    ['longest', { [roleAnnotation]: longestRole }],
    ['plain', {}],
    ['tenant', {}],
  ]);
  await createServiceAccounts(admin, namespace, [...roles.keys()], name => roles.get(name) ?? {});
  const group = 'rbac.authorization.k8s.io';
  const base = `/apis/${group}/v1/namespaces/${namespace}`;
  const metadata = { name: 'tenant' };
  const rules = [
    { apiGroups: [''], resources: ['pods'], verbs: ['create'] },
    { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get', 'create', 'patch'] },
  ];
  succeeded(await admin.create(`${base}/roles`, { metadata, rules }));
  const roleRef = { apiGroup: group, kind: 'Role', name: 'tenant' };
  const subjects = [{ kind: 'ServiceAccount', namespace, name: 'tenant' }];
  succeeded(await admin.create(`${base}/rolebindings`, { metadata, roleRef, subjects }));
  return { url, ca, token: await requestToken(admin, namespace, 'tenant') };
}
