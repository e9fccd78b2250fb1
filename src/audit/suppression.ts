import { matchesPattern, quote } from '../util/text.ts';
import { findingCodes, type FindingCode, type ObjectReference } from './report.ts';

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
