import type { ReportTotals } from '../../audit/report.ts';
import { counted } from '../../util/text.ts';

/** The line that a person reads below the table. */
export function describeTotals(totals: ReportTotals): string {
  const { pods, podsWithIdentity, podsWithFindings, podsNotJudged, suppressed, findings } = totals;
  const counts = [
    `${counted(pods, 'pod')}, ${podsWithIdentity} with an identity, ${podsWithFindings} with problems`,
    `${counted(findings.error, 'error')}, ${counted(findings.warning, 'warning')}, ${findings.info} info`,
    ...(suppressed === 0 ? [] : [`${suppressed} suppressed`]),
    ...(podsNotJudged === 0 ? [] : [`${counted(podsNotJudged, 'pod')} not judged`]),
  ];
  return counts.join('; ');
}
