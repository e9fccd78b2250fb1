import { findingKinds } from './finding-kinds.ts';
import type { PodFinding } from './pod-finding.ts';

/** An object of the cluster that a person would look at. */
export interface ObjectReference {
  /** For example `Deployment`, `StatefulSet`, `CronJob`, `Pod`, `ServiceAccount`, or whatever kind owns the pods. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What to do about a finding. */
export interface Remedy {
  /** One or two sentences. */
  readonly text: string;
  /** kubectl command lines that bring it about, in order; none where a person has to decide or edit something first. */
  readonly commands: readonly string[];
}

/** Returns what to do about a finding of these pods. Commands are given only where new pods do not have it. */
export function remedyOf(
  { code, remedy, restart }: Pick<PodFinding, 'code' | 'remedy' | 'restart'>,
  object: ObjectReference,
  pods: readonly string[],
): Remedy {
  const text = remedy ?? findingKinds[code].remedy;
  return restart && pods.length > 0 ? renewPods(object, pods, text) : { text, commands: [] };
}

/** Returns how to get new pods of a workload; `text` says why, where a controller replaces those that run. */
export function renewPods(object: ObjectReference, pods: readonly string[], text: string): Remedy {
  const { kind, namespace, name } = object;
  const byHand = handRenewals.get(kind);
  if (byHand !== undefined) return { text: byHand, commands: [] };
  const where = `-n ${shellWord(namespace)}`;
  const commands = restartable.has(kind)
    ? [`kubectl rollout restart ${shellWord(`${kind.toLowerCase()}/${name}`)} ${where}`]
    : pods.map(pod => `kubectl delete ${shellWord(`pod/${pod}`)} ${where}`);
  return { text, commands };
}

/** Kinds that `kubectl rollout restart` knows. Any other controller replaces a pod that is deleted. */
const restartable: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** Kinds whose new pods come by themselves, or have to be created by a person. */
const handRenewals: ReadonlyMap<string, string> = new Map([
  ['CronJob', 'The next run of the CronJob has new pods.'],
  ['Job', 'Let the Job end, or delete it and create it again.'],
  ['Pod', 'Nothing replaces this pod: delete it and create it again from its manifest.'],
]);

/** Characters that no POSIX shell takes for anything else. */
const plain = /^[A-Za-z0-9_./:=@%+,-]+$/;

/** Returns somebody else's text as one word of a command that a person may paste into a shell. */
export function shellWord(text: string): string {
  if (plain.test(text)) return text;
  // Control characters could act on the terminal before the shell sees them; no name that the API server takes has any.
  const visible = text.replaceAll(/\p{C}/gu, '?');
  return `'${visible.replaceAll("'", `'\\''`)}'`;
}
