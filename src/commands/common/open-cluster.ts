import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { parseGoDuration } from '../../go/duration.ts';
import type { Environment } from '../../configuration/environment.ts';
import { quote } from '../../util/quote.ts';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { openConnection } from '../../kubernetes/open-connection.ts';
import type { ClusterOptions } from './cluster-command.ts';
import { usageFailure } from './command-failure.ts';

/** A cluster that a command reads. */
export interface Cluster {
  readonly client: KubernetesClient;
  /** URL of the API server, for messages. */
  readonly server: string;
  /** `--namespace`, else the one of the context, else `default`, as kubectl has it. */
  readonly namespace: string;
  /** For one request, in milliseconds. */
  readonly timeoutMs: number;
}

const podCredentials = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Opens the cluster that options and environment name, as kubectl does. Nothing is sent yet. Rejects with one clear line:
 * CommandFailure or KubernetesError.
 */
export async function openCluster(options: ClusterOptions, environment: Environment): Promise<Cluster> {
  const timeoutMs = readTimeout(options.requestTimeout);
  const connection = await openConnection({
    kubeconfigPaths: await kubeconfigPaths(options, environment),
    kubeApi: '',
    serviceHost: environment['KUBERNETES_SERVICE_HOST'],
    servicePort: environment['KUBERNETES_SERVICE_PORT'],
    tokenPath: join(podCredentials, 'token'),
    caPath: join(podCredentials, 'ca.crt'),
    now: () => performance.now(),
    choice: {
      context: options.context,
      cluster: options.cluster === true ? undefined : options.cluster,
      user: options.user,
      impersonate: options.as === undefined ? undefined : { user: options.as, groups: options.asGroup ?? [] },
    },
  });
  return {
    client: new KubernetesClient(connection, { requestFinished: () => undefined }, () => performance.now()),
    server: connection.server.href,
    namespace: options.namespace ?? connection.namespace ?? 'default',
    timeoutMs,
  };
}

function readTimeout(text: string): number {
  const timeoutMs = parseGoDuration(text);
  if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs;
  throw usageFailure(`--request-timeout: expected a duration such as 30s or 1m, found ${quote(text)}`);
}

/** `--kubeconfig`, else the list KUBECONFIG, else the file in the home folder where there is one; in a pod none of them. */
async function kubeconfigPaths({ kubeconfig }: ClusterOptions, environment: Environment): Promise<readonly string[]> {
  if (kubeconfig !== undefined) return [kubeconfig];
  const listed = (environment['KUBECONFIG'] ?? '').split(delimiter).filter(path => path !== '');
  if (listed.length > 0) return existing(listed);
  const usual = join(environment['HOME'] ?? '', '.kube', 'config');
  return (await exists(usual)) ? [usual] : [];
}

/** kubectl passes over files of the list that are missing, unless all are. */
async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(exists));
  const kept = paths.filter((_, index) => found[index]);
  return kept.length === 0 ? paths : kept;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
