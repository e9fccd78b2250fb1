import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Environment } from '../configuration/environment.ts';
import { KubernetesClient } from '../kubernetes/client.ts';
import { KubernetesError } from '../kubernetes/kubernetes-error.ts';
import { openConnection } from '../kubernetes/open-connection.ts';
import type { ClusterReader } from './reader.ts';

/** What names a cluster and who asks it, as kubectl's options do. */
export interface ClusterAccess {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Of the kubeconfig. */
  readonly cluster?: string | undefined;
  /** Of the kubeconfig. */
  readonly user?: string | undefined;
  readonly impersonate?: { readonly user: string; readonly groups: readonly string[] } | undefined;
  readonly namespace?: string | undefined;
  /** For one request, in milliseconds. */
  readonly timeoutMs: number;
}

/** A cluster that a command reads. */
export interface Cluster extends ClusterReader {
  /** URL of the API server, for messages. */
  readonly server: string;
  /** The one that was named, else the one of the context, else `default`, as kubectl has it. */
  readonly namespace: string;
}

const podCredentials = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Opens the cluster that access and environment name, as kubectl does. Nothing is sent yet. The signal ends every request.
 * Rejects with KubernetesError.
 */
export async function openCluster(
  access: ClusterAccess,
  environment: Environment,
  signal: AbortSignal = new AbortController().signal,
): Promise<Cluster> {
  const { context, cluster, user, impersonate, timeoutMs } = access;
  const paths = await kubeconfigPaths(access, environment);
  if (paths.length === 0) requirePod(environment);
  const connection = await openConnection({
    kubeconfigPaths: paths,
    kubeApi: '',
    serviceHost: environment['KUBERNETES_SERVICE_HOST'],
    servicePort: environment['KUBERNETES_SERVICE_PORT'],
    tokenPath: join(podCredentials, 'token'),
    caPath: join(podCredentials, 'ca.crt'),
    now: () => performance.now(),
    choice: { context, cluster, user, impersonate },
  });
  return {
    client: new KubernetesClient(connection, { requestFinished: () => undefined }, () => performance.now()),
    server: connection.server.href,
    namespace: access.namespace ?? connection.namespace ?? 'default',
    timeoutMs,
    signal,
  };
}

/** Throws KubernetesError outside of a pod, where only a kubeconfig says which cluster is meant. */
function requirePod(environment: Environment): void {
  if ((environment['KUBERNETES_SERVICE_HOST'] ?? '') !== '') return;
  const message = 'there is no kubeconfig: --kubeconfig and KUBECONFIG name none, and ~/.kube/config does not exist';
  throw new KubernetesError('no_credentials', message);
}

/** The file that was named, else the list KUBECONFIG, else the file in the home folder where there is one; in a pod none of them. */
async function kubeconfigPaths({ kubeconfig }: ClusterAccess, environment: Environment): Promise<readonly string[]> {
  if (kubeconfig !== undefined) return [kubeconfig];
  const listed = listedKubeconfigs(environment);
  if (listed.length > 0) return existing(listed);
  const usual = join(environment['HOME'] ?? '', '.kube', 'config');
  return (await isThere(usual)) ? [usual] : [];
}

/** Returns the files that KUBECONFIG lists. */
export function listedKubeconfigs(environment: Environment): readonly string[] {
  return (environment['KUBECONFIG'] ?? '').split(delimiter).filter(path => path !== '');
}

/** kubectl passes over files of the list that are missing, unless all are. */
async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(isThere));
  const kept = paths.filter((_, index) => found[index]);
  return kept.length === 0 ? paths : kept;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
