import { type Remark, remarkWithHint } from '../../oidc/remark.ts';
import type { Style } from '../../terminal/style.ts';

const colours = { ok: 'green', warning: 'yellow', error: 'red' } as const;

/** One line for each finding: how grave it is, its code and its text. */
export function findingLines(findings: readonly Remark<string>[], style: Style): string {
  return findings
    .map(finding => {
      const severity = style(colours[finding.severity], finding.severity.padEnd('warning'.length));
      const code = finding.severity === 'ok' ? '' : ` [${finding.code}]`;
      return `${severity}  ${remarkWithHint(finding)}${code}\n`;
    })
    .join('');
}

/** A finding in a JSON result. */
export function findingDocument(finding: Remark<string>): {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
} {
  return { code: finding.code, severity: finding.severity, message: remarkWithHint(finding) };
}
