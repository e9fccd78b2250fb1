import { findingKinds, severities, type FindingCode, type Severity } from '../../comparison/finding-kinds.ts';
import type { AuditReport, Finding, ReportTotals } from '../report.ts';
import { nounFor } from '../../util/text.ts';
import { counted, html, nothing, numberText, severityMark, severityNoun, type Markup } from './markup.ts';

/** The answer in one sentence, the figures, and which code was found how often. */
export function summarySection({ totals, findings }: AuditReport): Markup {
  return html`<section id="summary" aria-labelledby="summary-heading">
    <h2 id="summary-heading" class="visually-hidden">Summary</h2>
    <div class="figures">
      <p class="verdict">${verdict(totals)}</p>
      <ul class="tiles">
        ${severities.map(severity => severityTile(severity, totals.findings[severity]))}
        ${tile(totals.accounts, nounFor(totals.accounts, 'ServiceAccount with identity', 'ServiceAccounts with identity'))}
        ${tile(totals.roles, nounFor(totals.roles, 'role that may be assumed', 'roles that may be assumed'))}
      </ul>
      <p class="pods-line">${podsLine(totals)}</p>
    </div>
    ${kindTable(findings)}
  </section>`;
}

function verdict({ pods, podsWithFindings }: ReportTotals): Markup {
  if (pods === 0) return html`No running pod is in scope.`;
  if (podsWithFindings === 0) return html`None of ${counted(pods, 'pod')} needs attention.`;
  const verb = podsWithFindings === 1 ? 'needs' : 'need';
  return html`<b>${numberText(podsWithFindings)}</b> of ${counted(pods, 'pod')} ${verb} attention.`;
}

function severityTile(severity: Severity, count: number): Markup {
  return html`<li class="tile ${count > 0 ? severity : ''}">
    <b>${numberText(count)}</b> ${severityNoun(severity, count)}
  </li>`;
}

function tile(count: number, what: string): Markup {
  return html`<li class="tile"><b>${numberText(count)}</b> ${what}</li>`;
}

function podsLine({
  podsWithIdentity,
  podsLackingIdentity,
  podsSkipped,
  podsNotJudged,
  suppressed,
}: ReportTotals): string {
  return [
    `${counted(podsWithIdentity, 'pod')} with a ServiceAccount that has an identity`,
    podsLackingIdentity === 0 ? [] : `${counted(podsLackingIdentity, 'of them has', 'of them have')} nothing of it`,
    podsSkipped === 0 ? [] : `${counted(podsSkipped, 'pod')} that the webhook passes over`,
    podsNotJudged === 0 ? [] : `${counted(podsNotJudged, 'pod')} not judged: the dump lacks their ServiceAccounts`,
    suppressed === 0 ? [] : `${counted(suppressed, 'finding')} suppressed`,
  ]
    .flat()
    .join(' · ');
}

/** What was found of one code. */
interface KindUse {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly findings: number;
  readonly pods: number;
}

function kindTable(findings: readonly Finding[]): Markup {
  if (findings.length === 0) return nothing;
  return html`<table class="kinds">
    <caption>
      Findings by code
    </caption>
    <thead>
      <tr>
        <th scope="col">Code</th>
        <th scope="col">Meaning</th>
        <th scope="col">Severity</th>
        <th scope="col" class="number">Findings</th>
        <th scope="col" class="number">Pods</th>
      </tr>
    </thead>
    <tbody>
      ${kindUses(findings).map(kindRow)}
    </tbody>
  </table>`;
}

function kindRow({ code, severity, findings, pods }: KindUse): Markup {
  return html`<tr>
    <th scope="row"><a href="#${code}">${code}</a></th>
    <td>${findingKinds[code].title}</td>
    <td>${severityMark(severity)}</td>
    <td class="number">${numberText(findings)}</td>
    <td class="number">${numberText(pods)}</td>
  </tr> `;
}

/** Worst first, then by code; a code counts as what the worst of its findings is. */
function kindUses(findings: readonly Finding[]): readonly KindUse[] {
  return [...Map.groupBy(findings, ({ code }) => code)]
    .map(([code, group]) => ({
      code,
      severity: severities.find(severity => group.some(finding => finding.severity === severity)) ?? 'info',
      findings: group.length,
      pods: group.reduce((sum, { pods }) => sum + pods.length, 0),
    }))
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || (a.code < b.code ? -1 : 1));
}
