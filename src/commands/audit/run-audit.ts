import type { AuditReport, ReportTotals } from '../../audit/report.ts';
import { severities } from '../../comparison/finding-kinds.ts';
import { parseSuppression, type Suppression } from '../../audit/finding-groups.ts';
import { exitCodes, writeResult } from '../command-io.ts';
import { usageFailure } from '../common/command-failure.ts';
import type { CommandContext } from '../common/define-command.ts';
import { expectStdinOnce } from '../common/read-input.ts';
import { auditCluster } from './audit-live.ts';
import { auditDump } from './audit-dump.ts';
import type { AuditCommandOptions } from './audit-options.ts';
import { renderOutput } from './render-output.ts';
import { counted, nounFor } from '../../util/text.ts';

/** Audits, prints the report, and says by the exit code whether something was found. */
export async function runAudit(options: AuditCommandOptions, context: CommandContext): Promise<void> {
  const { io } = context;
  const suppressions = (options.suppress ?? []).map(readSuppression);
  if (options.allNamespaces === true && options.namespace !== undefined) {
    throw usageFailure('expected -A or -n NAMESPACE, found both');
  }
  expectStdinOnce([...(options.filename ?? []), options.mapping, options.associations]);
  const audit = options.filename === undefined ? auditCluster : auditDump;
  const report = await audit(options, suppressions, context);
  const format = options.remedy === true ? 'remedy' : options.output;
  await writeResult(io.stdout, await renderOutput(report, { ...options, format, io }));
  io.stderr.write(`${describeTotals(report.totals)}\n`);
  context.finish(isFailure(report, options) ? exitCodes.findings : exitCodes.done);
}

function readSuppression(text: string): Suppression {
  const parsed = parseSuppression(text);
  if (parsed.kind === 'suppression') return parsed.suppression;
  throw usageFailure(`--suppress: ${parsed.detail}`);
}

function isFailure({ totals }: AuditReport, { failOn, exitZero }: AuditCommandOptions): boolean {
  if (failOn === 'never' || exitZero === true) return false;
  const counted = severities.slice(0, severities.indexOf(failOn) + 1);
  return counted.some(severity => totals.findings[severity] > 0);
}

/** The line that a person reads below the table. */
function describeTotals(totals: ReportTotals): string {
  const { pods, podsWithIdentity, podsLackingIdentity, podsWithFindings, podsNotJudged, suppressed, findings } = totals;
  const lacking = podsLackingIdentity === 0 ? '' : ` (${podsLackingIdentity} lack it)`;
  const counts = [
    `${counted(pods, 'pod')}, ${podsWithIdentity} of ServiceAccounts with an identity${lacking}, ${podsWithFindings} ${nounFor(podsWithFindings, 'needs', 'need')} attention`,
    `${counted(findings.error, 'error')}, ${counted(findings.warning, 'warning')}, ${findings.info} info`,
    ...(suppressed === 0 ? [] : [`${suppressed} suppressed`]),
    ...(podsNotJudged === 0 ? [] : [`${counted(podsNotJudged, 'pod')} not judged`]),
  ];
  return counts.join('; ');
}
