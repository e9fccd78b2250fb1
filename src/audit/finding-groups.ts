import { matchesPattern, quote } from '../util/text.ts';
import { findingCodes, findingKinds, severities, type FindingCode } from '../comparison/finding-kinds.ts';
import type { PodFinding } from '../comparison/pod-finding.ts';
import { remedyOf, type ObjectReference } from '../comparison/remedy.ts';
import type { Finding } from './report.ts';

/** What a finding is about, beside what the pod's judgement says. */
export interface FindingSubject {
  readonly object: ObjectReference;
  readonly serviceAccount: string;
  readonly role: string | null;
}

interface Group {
  readonly finding: Omit<Finding, 'pods' | 'remedy'>;
  /** That of the first pod. */
  readonly found: PodFinding;
  readonly pods: Set<string>;
}

/** Puts together what the pods of one workload have in common: a Deployment of 1,000 pods has one finding, not 1,000. */
export class FindingGroups {
  readonly #groups = new Map<string, Group>();

  /** `pod` is undefined where it is the account. */
  add(finding: PodFinding, subject: FindingSubject, pod: string | undefined): void {
    const fields = fieldsOf(finding, subject);
    const key = JSON.stringify([fields, finding.restart, finding.remedy]);
    const group = this.#groups.get(key) ?? { finding: fields, found: finding, pods: new Set<string>() };
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

function fieldsOf(finding: PodFinding, subject: FindingSubject): Omit<Finding, 'pods' | 'remedy'> {
  const { code, severity, podRole, containers, detail } = finding;
  const { object, serviceAccount, role } = subject;
  const { name } = findingKinds[code];
  return { code, name, severity, object, serviceAccount, role, podRole, containers, detail };
}

function objectKey({ namespace, kind, name }: ObjectReference): string {
  return [namespace, kind, name].join('\n');
}

function toFinding({ finding, found, pods: names }: Group): Finding {
  const pods = [...names].sort();
  return { ...finding, pods, remedy: remedyOf(found, finding.object, pods) };
}

/** Findings that somebody has decided to live with. */
export interface Suppression {
  /** Undefined means every code. */
  readonly code: FindingCode | undefined;
  /** Patterns with `*`. */
  readonly namespace: string;
  readonly name: string;
}

export type ParsedSuppression =
  | { readonly kind: 'suppression'; readonly suppression: Suppression }
  | { readonly kind: 'malformed'; readonly detail: string };

const expected = 'expected CODE or CODE=NAMESPACE/NAME, with * as wildcard, such as IRSA003=dev-*/*';

/** Reads `IRSA003`, `IRSA003=ns/*` or `*=kube-system/*`. */
export function parseSuppression(text: string): ParsedSuppression {
  const [codeText = '', where = '*/*', ...more] = text.split('=');
  const [namespace = '', name = '', ...moreNames] = where.split('/');
  const isWhole = namespace !== '' && name !== '' && more.length === 0 && moreNames.length === 0;
  if (!isWhole) return { kind: 'malformed', detail: `${expected}, found ${quote(text)}` };
  const code = findingCodes.find(known => known === codeText);
  if (code === undefined && codeText !== '*') {
    return { kind: 'malformed', detail: `expected one of ${findingCodes.join(', ')} or *, found ${quote(codeText)}` };
  }
  return { kind: 'suppression', suppression: { code, namespace, name } };
}

/** True when one of them names this code and this object: the workload, or the ServiceAccount. */
export function isSuppressed(
  suppressions: readonly Suppression[],
  code: FindingCode,
  object: ObjectReference,
): boolean {
  return suppressions.some(
    suppression =>
      (suppression.code === undefined || suppression.code === code) &&
      matchesPattern(suppression.namespace, object.namespace) &&
      matchesPattern(suppression.name, object.name),
  );
}
