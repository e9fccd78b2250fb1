/** Every ServiceAccount of the cluster. */
export const serviceAccountsPath = '/api/v1/serviceaccounts';

/** One ServiceAccount. Both parts are escaped, whatever they are. */
export function serviceAccountPath(namespace: string, name: string): string {
  return `${namespacePath(namespace)}/serviceaccounts/${encodeURIComponent(name)}`;
}

/** The ConfigMaps of a namespace. */
export function configMapsPath(namespace: string): string {
  return `${namespacePath(namespace)}/configmaps`;
}

/** The Secrets of a namespace. */
export function secretsPath(namespace: string): string {
  return `${namespacePath(namespace)}/secrets`;
}

/** Every mutating webhook configuration of the cluster. */
export const mutatingWebhookConfigurationsPath = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** One object of the list at this path. The name is escaped, whatever it is. */
export function objectPath(listPath: string, name: string): string {
  return `${listPath}/${encodeURIComponent(name)}`;
}

function namespacePath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
}
