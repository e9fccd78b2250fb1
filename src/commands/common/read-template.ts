import { ifAllowed, readOrUndefined, type ClusterReader } from '../../cluster/reader.ts';
import { controllerOf } from '../../audit/owner.ts';
import { metadataOf, podTemplateOf } from '../../kubernetes/objects.ts';
import { namespacedPath, objectPath } from '../../kubernetes/paths.ts';
import { isObject, parseJson, textAt, type JsonObject } from '../../util/json.ts';

/** The lists of the objects that create pods, by their kind. */
const lists: ReadonlyMap<string, readonly [string, string | undefined]> = new Map([
  ['ReplicaSet', ['replicasets', 'apps/v1']],
  ['StatefulSet', ['statefulsets', 'apps/v1']],
  ['DaemonSet', ['daemonsets', 'apps/v1']],
  ['Job', ['jobs', 'batch/v1']],
  ['ReplicationController', ['replicationcontrollers', undefined]],
]);

/**
 * Reads what a pod was created from: the template of its controller, or the manifest that was applied. Returns undefined where
 * that is gone, of another kind, or may not be read. Rejects with KubernetesError.
 */
export async function readPodTemplate(
  cluster: ClusterReader,
  pod: JsonObject,
  namespace: string,
): Promise<JsonObject | undefined> {
  const controller = controllerOf(pod);
  if (controller === undefined) return appliedManifest(pod);
  const list = lists.get(controller.kind);
  if (list === undefined) return undefined;
  const [resource, groupVersion] = list;
  const path = objectPath(namespacedPath(resource, namespace, groupVersion), controller.name);
  const read = await ifAllowed(() => readOrUndefined(cluster, path));
  return 'value' in read && read.value !== undefined ? podTemplateOf(read.value) : undefined;
}

/** `kubectl apply` leaves the manifest with the object. */
function appliedManifest(pod: JsonObject): JsonObject | undefined {
  const text = textAt(metadataOf(pod), 'annotations', 'kubectl.kubernetes.io/last-applied-configuration');
  const manifest = text === undefined ? undefined : parseJson(text);
  return isObject(manifest) ? manifest : undefined;
}
