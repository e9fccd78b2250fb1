import type { SkipReason } from '../admission/answer.ts';
import { skipLabels } from '../admission/subject.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import type { Exemption } from './explanation.ts';

/** Whether the webhook passes this pod over without a look at its identity. `detail` is the decision's. */
export function explainExemption(
  skipped: { readonly reason: SkipReason; readonly detail: string } | undefined,
  { annotationPrefix, exemptNamespaces }: InjectionSettings,
): Exemption {
  if (skipped !== undefined) return { exempt: true, ...skipped };
  const namespaces = exemptNamespaces.length === 0 ? 'no exempt namespaces' : 'not in an exempt namespace';
  const detail = `no mirror pod, no label ${skipLabels(annotationPrefix).join(' or ')}, ${namespaces}`;
  return { exempt: false, detail };
}
