import { namespacedPath, objectPath } from '../kubernetes/paths.ts';
import { isObject, ownList, ownObject, ownString, type JsonObject } from '../util/type-guards.ts';
import { listObjects, readOrUndefined, type ClusterReader } from './reader.ts';
import { hasLabels } from '../kubernetes/objects.ts';
import type { ServiceReference } from './registration.ts';

/** What runs behind the Service that the API server calls. */
export interface WebhookWorkload {
  readonly kind: 'Deployment' | 'Pod';
  readonly namespace: string;
  readonly name: string;
  readonly object: JsonObject;
  /** By which the Service finds its pods; not empty. */
  readonly selector: JsonObject;
  /** Spec of the pods. */
  readonly podSpec: JsonObject;
  /** The container that answers the API server. */
  readonly container: JsonObject;
}

/**
 * Finds the Deployment whose pods the Service selects, else one of the pods, since a DaemonSet may have made them; undefined
 * where there is none. Rejects with KubernetesError.
 */
export async function findWorkload(
  cluster: ClusterReader,
  { namespace, name, port }: ServiceReference,
): Promise<WebhookWorkload | undefined> {
  const service = await readOrUndefined(cluster, objectPath(namespacedPath('services', namespace), name));
  const selector = ownObject(ownObject(service ?? {}, 'spec') ?? {}, 'selector') ?? {};
  if (service === undefined || Object.keys(selector).length === 0) return undefined;
  const target = targetPort(service, port);
  const deployments = await listObjects(cluster, namespacedPath('deployments', namespace, 'apps/v1'));
  const deployment = deployments.find(object => hasLabels(selector, podLabels(object)));
  if (deployment !== undefined) {
    return describe({ kind: 'Deployment', object: deployment, selector }, templateOf(deployment), target);
  }
  const [pod] = await listPods(cluster, namespace, selector);
  return pod === undefined ? undefined : describe({ kind: 'Pod', object: pod, selector }, pod, target);
}

/** The pods of a namespace that have these labels. Rejects with KubernetesError. */
export async function listPods(
  cluster: ClusterReader,
  namespace: string,
  labels: JsonObject,
): Promise<readonly JsonObject[]> {
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
  return listObjects(cluster, namespacedPath('pods', namespace), { labelSelector });
}

/** Number or name of the containers' port behind this port of the Service. */
function targetPort(service: JsonObject, port: number): unknown {
  const ports = ownList(ownObject(service, 'spec') ?? {}, 'ports').filter(isObject);
  return ports.find(entry => entry['port'] === port)?.['targetPort'] ?? port;
}

function templateOf(deployment: JsonObject): JsonObject {
  return ownObject(ownObject(deployment, 'spec') ?? {}, 'template') ?? {};
}

function podLabels(deployment: JsonObject): JsonObject {
  return ownObject(ownObject(templateOf(deployment), 'metadata') ?? {}, 'labels') ?? {};
}

function describe(
  found: Pick<WebhookWorkload, 'kind' | 'object' | 'selector'>,
  template: JsonObject,
  target: unknown,
): WebhookWorkload | undefined {
  const metadata = ownObject(found.object, 'metadata') ?? {};
  const podSpec = ownObject(template, 'spec') ?? {};
  const containers = ownList(podSpec, 'containers').filter(isObject);
  // A sidecar of a service mesh may come first; a container need not name its ports.
  const container = containers.find(entry => hasPort(entry, target)) ?? containers[0];
  if (container === undefined) return undefined;
  const [namespace, name] = [ownString(metadata, 'namespace') ?? '', ownString(metadata, 'name') ?? ''];
  return { ...found, namespace, name, podSpec, container };
}

function hasPort(container: JsonObject, target: unknown): boolean {
  return ownList(container, 'ports')
    .filter(isObject)
    .some(port => port['containerPort'] === target || ownString(port, 'name') === target);
}
