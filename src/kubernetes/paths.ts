/** Every ServiceAccount of the cluster. */
export const serviceAccountsPath = '/api/v1/serviceaccounts';

/** One ServiceAccount. Both parts are escaped, whatever they are. */
export function serviceAccountPath(namespace: string, name: string): string {
  return objectPath(namespacedPath('serviceaccounts', namespace), name);
}

/** The ConfigMaps of a namespace. */
export function configMapsPath(namespace: string): string {
  return namespacedPath('configmaps', namespace);
}

/** The Secrets of a namespace. */
export function secretsPath(namespace: string): string {
  return namespacedPath('secrets', namespace);
}

/** Every mutating webhook configuration of the cluster. */
export const mutatingWebhookConfigurationsPath = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** One object of the list at this path. The name is escaped, whatever it is. */
export function objectPath(listPath: string, name: string): string {
  return `${listPath}/${encodeURIComponent(name)}`;
}

/** The path of a list in a namespace, for the core group or another one such as `apps/v1`. The namespace is escaped. */
export function namespacedPath(resource: string, namespace: string, groupVersion?: string): string {
  const base = groupVersion === undefined ? '/api/v1' : `/apis/${groupVersion}`;
  return `${base}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
}
