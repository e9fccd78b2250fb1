import { shellWord } from '../explanation/shell-word.ts';
import { findingKinds } from './finding-kinds.ts';
import type { Finding, ObjectReference, Remedy } from './report.ts';

/** How to get new pods of a workload. */
type Renewal =
  /** The controller replaces pods one after the other. */
  | { readonly kind: 'restart'; readonly resource: string }
  /** The controller replaces a pod that is deleted. */
  | { readonly kind: 'delete_pods' }
  /** New pods come by themselves, or have to be made by a person. */
  | { readonly kind: 'none'; readonly text: string };

const renewals: ReadonlyMap<string, Renewal> = new Map<string, Renewal>([
  ['Deployment', { kind: 'restart', resource: 'deployment' }],
  ['StatefulSet', { kind: 'restart', resource: 'statefulset' }],
  ['DaemonSet', { kind: 'restart', resource: 'daemonset' }],
  ['CronJob', { kind: 'none', text: 'The next run of the CronJob has new pods.' }],
  ['Job', { kind: 'none', text: 'Let the Job end, or delete it and create it again.' }],
  ['Pod', { kind: 'none', text: 'Nothing replaces this pod: delete it and create it again from its manifest.' }],
]);

/** Any other controller, such as a ReplicaSet of its own or a custom resource, replaces pods that go. */
const otherwise: Renewal = { kind: 'delete_pods' };

function renewalOf({ kind }: ObjectReference): Renewal {
  return renewals.get(kind) ?? otherwise;
}

/** What to do about a finding; commands only where new pods are what it takes (`restart`) and somebody replaces the old ones. */
export function remedyOf({ code, object, pods }: Pick<Finding, 'code' | 'object' | 'pods'>, restart: boolean): Remedy {
  const { remedy } = findingKinds[code];
  if (!restart || pods.length === 0) return { text: remedy, commands: [] };
  const renewal = renewalOf(object);
  if (renewal.kind === 'none') return { text: renewal.text, commands: [] };
  return {
    text: remedy,
    commands: renewal.kind === 'restart' ? [restartOf(renewal, object)] : deletesOf(object, pods),
  };
}

function restartOf({ resource }: { readonly resource: string }, { namespace, name }: ObjectReference): string {
  return `kubectl rollout restart ${shellWord(`${resource}/${name}`)} -n ${shellWord(namespace)}`;
}

function deletesOf({ namespace }: ObjectReference, pods: readonly string[]): readonly string[] {
  return pods.map(pod => `kubectl delete ${shellWord(`pod/${pod}`)} -n ${shellWord(namespace)}`);
}
