import type { IPodSpec } from 'kubernetes-models/v1';
import type { KubernetesObject } from './helm.ts';

type Container = IPodSpec['containers'][number];
type PodSpec = IPodSpec & { readonly containers: readonly [Container] };

/** The spec of a Pod, or of the pods of a Deployment; the chart's have one container. */
export function podSpecOf(object: KubernetesObject): PodSpec {
  const spec = object['spec'] as PodSpec & { readonly template?: { readonly spec: PodSpec } };
  return spec.template?.spec ?? spec;
}
