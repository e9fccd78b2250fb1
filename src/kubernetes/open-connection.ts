import { createAgent } from './agent.ts';
import type { Connection } from './connection.ts';
import { InClusterConnection, inClusterServer } from './in-cluster.ts';
import { openKubeconfig, type KubeconfigChoice } from './kubeconfig.ts';
import { KubernetesError } from './kubernetes-error.ts';

/** What the flags and the environment say about the API server. */
export interface ConnectionSettings {
  /** `--kubeconfig`, or the entries of KUBECONFIG; empty means in-cluster. */
  readonly kubeconfigPaths: readonly string[];
  /** `--kube-api`, a URL that takes the place of the one found otherwise; empty means none. */
  readonly kubeApi: string;
  /** KUBERNETES_SERVICE_HOST */
  readonly serviceHost: string | undefined;
  /** KUBERNETES_SERVICE_PORT */
  readonly servicePort: string | undefined;
  readonly tokenPath: string;
  readonly caPath: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** What a person chose in the kubeconfig. */
  readonly choice?: KubeconfigChoice;
}

/**
 * How to reach the API server: a kubeconfig where one is given, else as a pod does. Nothing is sent yet.
 * Rejects with `no_credentials`, with what was expected and where.
 */
export async function openConnection(settings: ConnectionSettings): Promise<Connection> {
  const override = parseKubeApi(settings.kubeApi);
  if (settings.kubeconfigPaths.length > 0) {
    return openKubeconfig(settings.kubeconfigPaths, override, settings.choice);
  }
  // A token never goes over a connection that others can read: `kubectl proxy` brings its own credentials.
  if (override?.protocol === 'http:') return plainConnection(override);
  const server = override ?? inClusterServer(settings.serviceHost, settings.servicePort);
  return new InClusterConnection({ ...settings, server });
}

function parseKubeApi(text: string): URL | undefined {
  if (text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new KubernetesError('no_credentials', `--kube-api: expected an https URL, found "${text}"`);
}

function plainConnection(server: URL): Connection {
  const credentials = Promise.resolve({ agent: createAgent(server, {}), headers: {} });
  return { server, credentials: () => credentials, refresh: () => undefined };
}
