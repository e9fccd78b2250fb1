import { isObject, ownField, ownList, ownObject, ownString, type JsonObject } from '../util/json.ts';
import type { ObjectReference } from './report.ts';

/**
 * The workload that a person would edit or restart to get new pods: the controller of the pod, or the one above it, which
 * is told from names, so that no further object has to be read. The pod itself when nothing owns it.
 */
export function ownerOf(pod: JsonObject, namespace: string): ObjectReference {
  const metadata = ownObject(pod, 'metadata') ?? {};
  const controller = ownList(metadata, 'ownerReferences').find(isController);
  if (!isObject(controller)) return { kind: 'Pod', namespace, name: ownString(metadata, 'name') ?? '' };
  const kind = ownString(controller, 'kind') ?? 'Pod';
  const name = ownString(controller, 'name') ?? '';
  const labels = ownObject(metadata, 'labels') ?? {};
  const above = kind === 'ReplicaSet' ? aboveReplicaSet(name, labels) : undefined;
  const createdMs = Date.parse(ownString(metadata, 'creationTimestamp') ?? '');
  const cronJob = kind === 'Job' ? aboveJob(name, createdMs) : undefined;
  const owner = above ?? cronJob ?? { kind, name };
  return { kind: owner.kind, namespace, name: owner.name };
}

type KindAndName = Pick<ObjectReference, 'kind' | 'name'>;

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
