import { findingKinds, severities } from './finding-kinds.ts';
import type { PodFinding } from './pod-finding.ts';
import { remedyOf } from './remedy.ts';
import type { Finding, ObjectReference, Severity } from './report.ts';

/** What a finding is about, beside what the pod's judgement says. */
export interface FindingSubject {
  readonly object: ObjectReference;
  readonly serviceAccount: string;
  readonly role: string | null;
}

interface Group {
  readonly finding: Omit<Finding, 'pods' | 'remedy'>;
  /** Whether new pods are what it takes. */
  readonly restart: boolean;
  readonly pods: Set<string>;
}

/** Puts together what the pods of one workload have in common: a Deployment of 1,000 pods has one finding, not 1,000. */
export class FindingGroups {
  readonly #groups = new Map<string, Group>();

  /** `pod` is undefined where it is the account. */
  add(finding: PodFinding, subject: FindingSubject, pod: string | undefined): void {
    const fields = fieldsOf(finding, subject);
    const key = JSON.stringify(fields);
    const restart = finding.restart ?? findingKinds[finding.code].restart;
    const group = this.#groups.get(key) ?? { finding: fields, restart, pods: new Set<string>() };
    if (pod !== undefined) group.pods.add(pod);
    this.#groups.set(key, group);
  }

  get size(): number {
    return this.#groups.size;
  }

  /** Those of one object together, the objects by their worst, then by name (AuditReport.findings). */
  list(): readonly Finding[] {
    const groups = [...this.#groups.values()];
    const worst = new Map<string, number>();
    for (const { object, severity } of groups.map(({ finding }) => finding)) {
      const key = objectKey(object);
      worst.set(key, Math.min(worst.get(key) ?? severities.length, severities.indexOf(severity)));
    }
    const sortKey = ({ finding: { object, severity, code, detail } }: Group): string =>
      [worst.get(objectKey(object)), objectKey(object), severities.indexOf(severity), code, detail].join('\n');
    return groups
      .map(group => ({ group, key: sortKey(group) }))
      .toSorted((left, right) => (left.key < right.key ? -1 : 1))
      .map(({ group }) => toFinding(group));
  }
}

/** The severity of a finding: its own, else that of its code. */
export function severityOf({ code, severity }: PodFinding): Severity {
  return severity ?? findingKinds[code].severity;
}

function fieldsOf(finding: PodFinding, subject: FindingSubject): Omit<Finding, 'pods' | 'remedy'> {
  const { code, podRole, containers, detail } = finding;
  const { object, serviceAccount, role } = subject;
  const { name } = findingKinds[code];
  return { code, name, severity: severityOf(finding), object, serviceAccount, role, podRole, containers, detail };
}

function objectKey({ namespace, kind, name }: ObjectReference): string {
  return [namespace, kind, name].join('\n');
}

function toFinding({ finding, restart, pods: names }: Group): Finding {
  const pods = [...names].sort();
  return { ...finding, pods, remedy: remedyOf({ ...finding, pods }, restart) };
}
