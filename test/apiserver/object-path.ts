import type { KubernetesObject } from '../chart/helm.ts';

/** Where objects of the kind are created. */
export function pathFor({
  apiVersion,
  kind,
  metadata,
}: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>): string {
  const plural = `${kind.toLowerCase().replace(/y$/, 'ie')}s`;
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${group}${metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`}/${plural}`;
}
