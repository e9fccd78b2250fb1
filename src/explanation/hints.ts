import type { Pod } from '../injection/pod.ts';
import { ownField, type JsonObject } from '../util/json.ts';
import { quote } from '../util/text.ts';

/** A slip that often explains why a pod has no identity. */
export interface Hint {
  readonly code: 'role_annotation_on_the_pod' | 'role_annotation_under_another_name';
  readonly detail: string;
}

/** Looks for the role where people put it by mistake. Only for a pod without identity. */
export function findHints(pod: Pod, accountAnnotations: JsonObject | undefined, prefix: string): readonly Hint[] {
  const wanted = `${prefix}/role-arn`;
  const hints: Hint[] = [];
  if (pod.annotations !== undefined && ownField(pod.annotations, wanted) !== undefined) {
    const detail = `the pod has the annotation ${wanted}: it belongs on the ServiceAccount`;
    hints.push({ code: 'role_annotation_on_the_pod', detail });
  }
  const similar = Object.keys(accountAnnotations ?? {}).find(name => name !== wanted && isMeantForRole(name, prefix));
  if (similar !== undefined) {
    const detail = `the ServiceAccount has the annotation ${quote(similar)}: the webhook reads ${wanted}`;
    hints.push({ code: 'role_annotation_under_another_name', detail });
  }
  return hints;
}

/** `role-arn` under another prefix or none, anything about a role under ours, and the one of kube2iam and kiam. */
function isMeantForRole(name: string, prefix: string): boolean {
  const [domain = '', key] = name.includes('/') ? name.split('/', 2) : ['', name];
  const letters = (key ?? '').toLowerCase().replaceAll(/[^a-z]/g, '');
  if (letters === 'rolearn' || letters === 'iamrolearn') return true;
  return letters.includes('role') && (domain === prefix || domain === 'iam.amazonaws.com');
}
