import type { FindingCode, Severity } from './report.ts';

/** A finding about one pod, before those of its workload's other pods are put together with it. */
export interface PodFinding {
  readonly code: FindingCode;
  /** Instead of the code's own. */
  readonly severity?: Severity;
  /** False where new pods would be no better, whatever holds for the code. */
  readonly restart?: false;
  /** Whether the workload has to be looked at, or the ServiceAccount whatever pods use it. */
  readonly concerns: 'workload' | 'account';
  /** The role that the pod runs with; null where that is no matter. */
  readonly podRole: string | null;
  readonly containers: readonly string[];
  /** One line that does not depend on the pod's own name, so that all pods of a workload say the same. */
  readonly detail: string;
}

/** A finding about the pod's workload. */
export function podFinding(
  code: FindingCode,
  detail: string,
  { containers = [], ...more }: Partial<Pick<PodFinding, 'severity' | 'restart' | 'podRole' | 'containers'>> = {},
): PodFinding {
  return { code, concerns: 'workload', podRole: null, ...more, containers, detail };
}

/** Longest role ARN: 64 characters of partition and account, 512 of path, 64 of name. */
const maxShownCharacters = 640;

/** Somebody else's text as part of a detail; renderers escape what their format needs. */
export function shown(text: string): string {
  return text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text;
}

/** "container app", "containers app and proxy", for details. */
export function containersText(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  const others = names.slice(0, -1);
  return others.length === 0 ? `container ${shown(last)}` : `containers ${shown(others.join(', '))} and ${shown(last)}`;
}
