import type { ObjectReference } from '../comparison/remedy.ts';
import { isObject, listAt, objectAt, ownField, ownString, textAt, type JsonObject } from '../util/json.ts';

/**
 * Returns the workload that a person would edit or restart to get new pods: the controller of the pod, or the one above it,
 * which is read from names, so that no further object has to be read. The pod itself when nothing owns it.
 */
export function ownerOf(pod: JsonObject, namespace: string): ObjectReference {
  const controller = controllerOf(pod);
  if (controller === undefined) return { kind: 'Pod', namespace, name: textAt(pod, 'metadata', 'name') ?? '' };
  const { kind, name } = controller;
  const labels = objectAt(pod, 'metadata', 'labels') ?? {};
  const above = kind === 'ReplicaSet' ? aboveReplicaSet(name, labels) : undefined;
  const createdMs = Date.parse(textAt(pod, 'metadata', 'creationTimestamp') ?? '');
  const cronJob = kind === 'Job' ? aboveJob(name, createdMs) : undefined;
  const owner = above ?? cronJob ?? controller;
  return { kind: owner.kind, namespace, name: owner.name };
}

type KindAndName = Pick<ObjectReference, 'kind' | 'name'>;

/** Returns the object that created this pod and holds its template; undefined when nothing owns the pod. */
export function controllerOf(pod: JsonObject): KindAndName | undefined {
  const controller = listAt(pod, 'metadata', 'ownerReferences').find(isController);
  if (!isObject(controller)) return undefined;
  return { kind: ownString(controller, 'kind') ?? 'Pod', name: ownString(controller, 'name') ?? '' };
}

function isController(reference: unknown): boolean {
  return isObject(reference) && ownField(reference, 'controller') === true;
}

/** Label with which the owner of a ReplicaSet marks its pods, and kind of that owner. */
const hashLabels = [
  ['pod-template-hash', 'Deployment'],
  ['rollouts-pod-template-hash', 'Rollout'],
] as const;

/** A Deployment names its ReplicaSets after itself and the hash of their template. So does an Argo Rollout. */
function aboveReplicaSet(name: string, labels: JsonObject): KindAndName | undefined {
  for (const [label, kind] of hashLabels) {
    const hash = ownString(labels, label);
    const suffix = `-${hash}`;
    if (hash && name.endsWith(suffix) && name.length > suffix.length)
      return { kind, name: name.slice(0, -suffix.length) };
  }
  return undefined;
}

/** A Job of this age still runs; a number that lies farther back than this is no time but part of a name. */
const longestJobMinutes = 30 * 24 * 60;
/** Clocks of controller and API server may differ. */
const skewMinutes = 5;

/**
 * A CronJob names its Jobs after itself and the scheduled time in minutes since 1970. Only a number near the time at which
 * the pod was created is taken for that: `backup-20261124` is just a name.
 * https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/cronjob/utils.go
 */
function aboveJob(name: string, createdMs: number): KindAndName | undefined {
  const match = /^(?<cronJob>.+)-(?<minutes>\d{8,10})$/.exec(name)?.groups;
  if (match === undefined || Number.isNaN(createdMs)) return undefined;
  const age = createdMs / 60_000 - Number(match['minutes']);
  if (age < -skewMinutes || age > longestJobMinutes) return undefined;
  return { kind: 'CronJob', name: match['cronJob'] ?? '' };
}
