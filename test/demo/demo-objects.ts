// What the demo creates in a cluster, all below these paths, so that all of it can be removed.
import { errorText } from '../../src/util/error-text.ts';
import { isObject } from '../../src/util/json.ts';
import { succeeded, type KubernetesClient } from '../support/cluster/client.ts';
import { createServiceAccount } from '../support/cluster/objects.ts';
import { waitFor } from '../support/wait-for.ts';
import { app, namespace, plain, roleArn, webhookName } from './names.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const namespacePath = `/api/v1/namespaces/${namespace}`;
/** The webhook first, so that it is called for nothing that comes after; the namespace last. */
const clusterPaths: readonly string[] = [
  `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${webhookName}`,
  `${rbac}/clusterrolebindings/${webhookName}`,
  `${rbac}/clusterroles/${webhookName}`,
  namespacePath,
];
const terminationTimeoutMs = 60_000;

/** Throws when something has one of our names already: it may be somebody's, and would be removed in the end. */
export async function expectNothingThere(client: KubernetesClient): Promise<void> {
  await waitForTermination(client);
  const found: string[] = [];
  for (const path of clusterPaths) {
    const answer = await client.get(path);
    if (answer.status === 404) continue;
    succeeded(answer);
    found.push(path.split('/').slice(-2).join('/'));
  }
  if (found.length === 0) return;
  const names = found.join(' ');
  const cause = 'another demo is running, or one was killed before it could remove it';
  throw new Error(`expected nothing of the demo in the cluster, found ${names}: ${cause}; kubectl delete ${names}`);
}

/** Of the namespace of a demo that has just ended; the cluster takes some seconds to remove it. */
async function waitForTermination(client: KubernetesClient): Promise<void> {
  const hasEnded = async (): Promise<boolean> => {
    const { metadata } = (await client.get(namespacePath)).body;
    return !isObject(metadata) || metadata['deletionTimestamp'] === undefined;
  };
  await waitFor(hasEnded, {
    what: `the namespace ${namespace} of an earlier demo to go`,
    timeoutMs: terminationTimeoutMs,
  });
}

/** The namespace with the ServiceAccount that has a role, and the one that has none. */
export async function createAccounts(client: KubernetesClient): Promise<void> {
  succeeded(await client.create('/api/v1/namespaces', { metadata: { name: namespace } }));
  await createDefaultAccount(client);
  await createServiceAccount(client, namespace, app, { 'eks.amazonaws.com/role-arn': roleArn });
  await createServiceAccount(client, namespace, plain);
}

/** Where a controller manager runs it may have been quicker. */
async function createDefaultAccount(client: KubernetesClient): Promise<void> {
  const answer = await client.create(`${namespacePath}/serviceaccounts`, { metadata: { name: 'default' } });
  if (answer.status !== 409) succeeded(answer);
}

/** A ServiceAccount for the webhook that may do what it needs and no more: read ServiceAccounts. */
export async function createWebhookAccount(client: KubernetesClient): Promise<void> {
  const metadata = { name: webhookName };
  const rules = [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get', 'list', 'watch'] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: webhookName };
  const subjects = [{ kind: 'ServiceAccount', namespace, name: webhookName }];
  await createServiceAccount(client, namespace, webhookName);
  succeeded(await client.create(`${rbac}/clusterroles`, { metadata, rules }));
  succeeded(await client.create(`${rbac}/clusterrolebindings`, { metadata, roleRef, subjects }));
}

/** Removes everything; the cluster takes some seconds more for the namespace itself. Throws when something is left. */
export async function removeEverything(client: KubernetesClient): Promise<void> {
  const inside = ['pods?gracePeriodSeconds=0', 'serviceaccounts'].map(path => `${namespacePath}/${path}`);
  const left: string[] = [];
  for (const path of [...clusterPaths.slice(0, -1), ...inside, namespacePath]) {
    await remove(client, path).catch((error: unknown) => left.push(`${path} (${errorText(error)})`));
  }
  if (left.length > 0) throw new Error(`could not remove ${left.join(', ')}`);
}

async function remove(client: KubernetesClient, path: string): Promise<void> {
  const answer = await client.delete(path);
  if (answer.status !== 404) succeeded(answer);
}
