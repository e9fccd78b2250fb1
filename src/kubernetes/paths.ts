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

function namespacePath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
}
