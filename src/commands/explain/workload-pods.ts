import { isRunning } from '../../audit/audit.ts';
import { FindingGroups } from '../../audit/finding-groups.ts';
import { ifAllowed, listObjects } from '../../cluster/reader.ts';
import { comparePod, type Verdict } from '../../comparison/compare-pod.ts';
import type { ComparisonBasis } from '../../comparison/comparison-basis.ts';
import { ownerOf } from '../../audit/owner.ts';
import type { ObjectReference } from '../../comparison/remedy.ts';
import { readRunningPod } from '../../comparison/running-pod.ts';
import type { ExplainedPods } from '../../explanation/explanation.ts';
import { nameOf } from '../../kubernetes/objects.ts';
import { namespacedPath } from '../../kubernetes/paths.ts';
import { objectAt, type JsonObject } from '../../util/json.ts';
import type { ClusterSession } from './cluster-session.ts';

/**
 * Compares the pods of a workload that run with what they would get now. Returns undefined where there is no workload with a
 * selector, or where pods may not be listed. Rejects with KubernetesError.
 */
export async function compareWorkloadPods(
  { cluster }: ClusterSession,
  workload: JsonObject,
  reference: ObjectReference,
  basis: ComparisonBasis,
): Promise<ExplainedPods | undefined> {
  const labels = objectAt(workload, 'spec', 'selector', 'matchLabels');
  if (labels === undefined || Object.keys(labels).length === 0) return undefined;
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
  const path = namespacedPath('pods', reference.namespace);
  const read = await ifAllowed(() => listObjects(cluster, path, { labelSelector }));
  return 'value' in read ? countPods(read.value.filter(isOf(reference)), reference, basis) : undefined;
}

/** A selector may take pods of others; the name of a ReplicaSet's owner is in its own. */
function isOf({ kind, namespace, name }: ObjectReference): (pod: JsonObject) => boolean {
  return pod => {
    const owner = ownerOf(pod, namespace);
    return isRunning(pod) && owner.kind === kind && owner.name === name;
  };
}

function countPods(pods: readonly JsonObject[], object: ObjectReference, basis: ComparisonBasis): ExplainedPods {
  const groups = new FindingGroups();
  const verdicts: Verdict[] = [];
  for (const pod of pods) {
    const running = readRunningPod(pod, basis.injection, object.namespace);
    if (running === undefined) continue;
    const { account, verdict, findings } = comparePod(running, basis);
    verdicts.push(verdict);
    for (const finding of findings) {
      if (finding.concerns === 'account') continue;
      groups.add(finding, { object, serviceAccount: account.name, role: null }, nameOf(pod));
    }
  }
  const count = (wanted: Verdict): number => verdicts.filter(verdict => verdict === wanted).length;
  const findings = groups.list().map(({ code, name, severity, containers, detail, remedy, pods: { length } }) => {
    return { code, name, severity, containers, detail, remedy, pods: length };
  });
  return { running: pods.length, broken: count('broken'), differs: count('differs'), findings };
}
