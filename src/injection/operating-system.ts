import { isObject, objectAt, ownField, ownList, ownObject, textAt, type JsonObject } from '../util/json.ts';
import type { Pod } from './pod.ts';

const operatingSystemLabels = ['kubernetes.io/os', 'beta.kubernetes.io/os'] as const;

/**
 * Whether the pod runs on Windows. Reads `spec.os.name`, which wins over every hint (E131, E133), then
 * `spec.nodeSelector` (E130), then a required node affinity (E132).
 */
export function isWindowsPod(pod: Pod): boolean {
  const declared = textAt(pod.spec, 'os', 'name');
  if (declared !== undefined) return declared === 'windows';
  const selector = ownObject(pod.spec, 'nodeSelector');
  if (selector !== undefined && operatingSystemLabels.some(label => ownField(selector, label) === 'windows'))
    return true;
  return requiresWindowsNode(pod.spec);
}

/** Terms of a node selector are alternatives: every one of them has to require Windows. */
function requiresWindowsNode(spec: JsonObject): boolean {
  const affinity = objectAt(spec, 'affinity', 'nodeAffinity') ?? {};
  const required = ownObject(affinity, 'requiredDuringSchedulingIgnoredDuringExecution') ?? {};
  const terms = ownList(required, 'nodeSelectorTerms');
  return (
    terms.length > 0 && terms.every(term => isObject(term) && ownList(term, 'matchExpressions').some(asksForWindows))
  );
}

function asksForWindows(expression: unknown): boolean {
  if (!isObject(expression)) return false;
  if (!operatingSystemLabels.some(label => ownField(expression, 'key') === label)) return false;
  const values = ownList(expression, 'values');
  if (ownField(expression, 'operator') === 'In') return values.length > 0 && values.every(value => value === 'windows');
  // A kubelet runs on Linux or on Windows.
  return ownField(expression, 'operator') === 'NotIn' && values.includes('linux');
}

/** The path as a Windows container sees it: drive letter and backslashes; a drive letter that is there stays (E134). */
export function toWindowsPath(path: string): string {
  const backslashes = path.replaceAll('/', '\\');
  return /^[A-Za-z]:/.test(backslashes) ? backslashes : `C:${backslashes}`;
}
