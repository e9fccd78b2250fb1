import { delimiter, join } from 'node:path';
import type { Environment } from '../../configuration/environment.ts';
import type { KubernetesSettings } from '../../configuration/kubernetes-settings.ts';
import type { Connection } from '../../kubernetes/connection.ts';
import { openConnection } from '../../kubernetes/open-connection.ts';
import type { Log } from '../../util/log.ts';

/** Opens the connection to the API server that flags and environment say. Nothing is sent yet. Rejects with one clear line. */
export async function openApiServer(
  settings: KubernetesSettings,
  environment: Environment,
  log: Log,
): Promise<Connection> {
  const { apiUrl, credentialsPath } = settings;
  const connection = await openConnection({
    kubeconfigPaths: kubeconfigPaths(settings, environment),
    kubeApi: apiUrl ?? '',
    serviceHost: environment['KUBERNETES_SERVICE_HOST'],
    servicePort: environment['KUBERNETES_SERVICE_PORT'],
    tokenPath: join(credentialsPath, 'token'),
    caPath: join(credentialsPath, 'ca.crt'),
    now: () => performance.now(),
  });
  log.info('Using the API server.', { server: connection.server.href });
  return connection;
}

/** `--kubeconfig`, else KUBECONFIG, which may be a list; a pod has neither. */
function kubeconfigPaths({ kubeconfig }: KubernetesSettings, environment: Environment): readonly string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  return (environment['KUBECONFIG'] ?? '').split(delimiter).filter(path => path !== '');
}
