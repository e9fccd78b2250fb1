import { z } from 'zod';
import { connect, type KubernetesClient } from '../../support/cluster/client.ts';
import { mustRun, run, type CommandResult } from '../machine/command.ts';

/** Runs kubectl on the cluster under test; a failure throws with what it printed. */
export function kubectl(...args: readonly string[]): Promise<string> {
  return mustRun('kubectl', args);
}

/** The same, but a failure is a result. */
export function tryKubectl(...args: readonly string[]): Promise<CommandResult> {
  return run('kubectl', args);
}

/** Applies the objects, in their order. */
export async function apply(...objects: readonly object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await mustRun('kubectl', ['apply', '--filename', '-'], { input: JSON.stringify(list) });
}

const kubeconfig = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.base64() }) }),
  ]),
});
const admin = 'irsa-e2e-admin';
const adminNamespace = 'kube-public';

/** A client that is faster than one kubectl a call. It is an administrator, until disposal removes its account. */
export async function connectToApi(): Promise<KubernetesClient & AsyncDisposable> {
  await apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: admin, namespace: adminNamespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: admin },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: admin, namespace: adminNamespace }],
    },
  );
  const token = await kubectl('create', 'token', admin, '--namespace', adminNamespace, '--duration', '1h');
  const { clusters } = kubeconfig.parse(
    JSON.parse(await kubectl('config', 'view', '--minify', '--raw', '--output', 'json')),
  );
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const client = connect({ url: server, ca: Buffer.from(ca, 'base64').toString(), token: token.trim() });
  return {
    ...client,
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await kubectl('delete', 'clusterrolebinding', admin);
      await kubectl('delete', 'serviceaccount', admin, '--namespace', adminNamespace);
    },
  };
}
