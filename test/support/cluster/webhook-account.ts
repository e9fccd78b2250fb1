import { join } from 'node:path';
import { writeMountedVolume } from '../mounted-volume.ts';
import { createTempFolder } from '../temp-folder.ts';
import { waitFor } from '../wait-for.ts';
import { connect, succeeded, type KubernetesClient } from './client.ts';
import type { ClusterAccess } from './cluster-files.ts';
import { createServiceAccount, requestToken } from './objects.ts';

/** ServiceAccounts of the whole cluster, ConfigMaps of the account's own namespace. */
type Permission = 'serviceaccounts' | 'configmaps';

export interface WebhookAccountOptions {
  /** Must exist. */
  readonly namespace: string;
  /** Default: `irsa-webhook`. */
  readonly name?: string;
  /** Default: both. */
  readonly permissions?: readonly Permission[];
}

/** A ServiceAccount for the webhook, and its credentials as a pod has them. */
export interface WebhookAccount extends AsyncDisposable {
  /** Laid out as /var/run/secrets/kubernetes.io/serviceaccount: `token`, `ca.crt` and `namespace`. */
  readonly folder: string;
  /** Replaces the token by a new one, as the kubelet does long before its end. */
  rotateToken(): Promise<void>;
  /** Adds a permission, and waits until the API server applies it. */
  grant(permission: Permission): Promise<void>;
}

/** Creates the account with its permissions and the folder that a pod of it would have. */
export async function createWebhookAccount(
  client: KubernetesClient,
  cluster: ClusterAccess,
  { namespace, name = 'irsa-webhook', permissions = ['serviceaccounts', 'configmaps'] }: WebhookAccountOptions,
): Promise<WebhookAccount> {
  await createServiceAccount(client, namespace, name);
  const temp = await createTempFolder();
  const folder = join(temp.path, 'serviceaccount');
  const account: WebhookAccount = {
    folder,
    async rotateToken() {
      const token = await requestToken(client, namespace, name);
      await writeMountedVolume(folder, { token, 'ca.crt': cluster.ca, namespace });
    },
    async grant(permission) {
      await bindRole(client, { namespace, name, permission });
      using self = connect({ ...cluster, token: await requestToken(client, namespace, name) });
      const path = `${permission === 'configmaps' ? `/api/v1/namespaces/${namespace}` : '/api/v1'}/${permission}?limit=1`;
      const isAllowed = async (): Promise<boolean> => (await self.get(path)).status === 200;
      await waitFor(isAllowed, { what: `the API server to let ${namespace}/${name} list ${permission}` });
    },
    [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose](),
  };
  await account.rotateToken();
  for (const permission of permissions) await account.grant(permission);
  return account;
}

interface Grant {
  readonly namespace: string;
  readonly name: string;
  readonly permission: Permission;
}

async function bindRole(client: KubernetesClient, { namespace, name, permission }: Grant): Promise<void> {
  const apiGroup = 'rbac.authorization.k8s.io';
  const kind = permission === 'configmaps' ? 'Role' : 'ClusterRole';
  const base =
    kind === 'Role' ? `/apis/${apiGroup}/v1/namespaces/${namespace}/role` : `/apis/${apiGroup}/v1/clusterrole`;
  const metadata = { name: `${namespace}-${name}` };
  const rules = [{ apiGroups: [''], resources: [permission], verbs: ['get', 'list', 'watch'] }];
  const subjects = [{ kind: 'ServiceAccount', namespace, name }];
  succeeded(await client.create(`${base}s`, { metadata, rules }));
  succeeded(
    await client.create(`${base}bindings`, { metadata, roleRef: { apiGroup, kind, name: metadata.name }, subjects }),
  );
}
