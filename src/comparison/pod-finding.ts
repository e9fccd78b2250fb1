import { findingKinds, type FindingCode, type Severity } from './finding-kinds.ts';

/** A finding about one pod, before those of its workload's other pods are put together with it. */
export interface PodFinding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** True when a new pod of the same template does not have it. */
  readonly restart: boolean;
  /** What to do about it, where the code's own remedy does not fit. */
  readonly remedy?: string;
  /** Whether the workload has to be looked at, or the ServiceAccount whatever pods use it. */
  readonly concerns: 'workload' | 'account';
  /** The role that the pod runs with; null where that is no matter. */
  readonly podRole: string | null;
  readonly containers: readonly string[];
  /** One line that does not depend on the pod's own name, so that all pods of a workload say the same. */
  readonly detail: string;
}

type Particulars = Partial<Omit<PodFinding, 'code' | 'detail'>>;

/** Creates a finding; severity and the effect of a restart are those of the code unless `particulars` say otherwise. */
export function podFinding(code: FindingCode, detail: string, particulars: Particulars = {}): PodFinding {
  const { severity, restart } = findingKinds[code];
  return { code, severity, restart, concerns: 'workload', podRole: null, containers: [], ...particulars, detail };
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
