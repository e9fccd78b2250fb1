import { stringify } from 'yaml';
import { remedyScript } from '../../audit/remedy-script.ts';
import type { AuditReport, Finding } from '../../audit/report.ts';
import type { Severity } from '../../comparison/finding-kinds.ts';
import { toSarif } from '../../audit/sarif.ts';
import { createStyle, type ColourChoice, type Style } from '../../terminal/style.ts';
import { formatTable } from '../../terminal/table.ts';
import { version, type CommandIo } from '../command-io.ts';
import type { OutputFormat } from './audit-options.ts';

export interface OutputLook {
  readonly format: OutputFormat | 'remedy';
  readonly headers: boolean;
  readonly color: ColourChoice;
  readonly io: CommandIo;
}

/** The report in the form that was asked for. */
export async function renderOutput(report: AuditReport, look: OutputLook): Promise<string> {
  const { format } = look;
  switch (format) {
    case 'table':
    case 'wide':
      return reportTable(report, { style: styleOf(look), headers: look.headers, wide: format === 'wide' });
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'yaml': {
      return stringify(report, { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' });
    }
    case 'sarif':
      return `${JSON.stringify(toSarif(report, version), null, 2)}\n`;
    case 'remedy':
      return remedyScript(report);
    case 'html': {
      const { renderReport } = await import('../../audit/html/render-report.ts');
      return renderReport(report);
    }
  }
}

function styleOf({ color, io }: OutputLook): ReturnType<typeof createStyle> {
  return createStyle(color, io.stdout, io.environment);
}

interface TableLook {
  readonly style: Style;
  readonly headers: boolean;
  /** With the columns that make lines long. */
  readonly wide: boolean;
}

const headers = ['NAMESPACE', 'OBJECT', 'PODS', 'SEVERITY', 'CODE'] as const;
const wideHeaders = ['SERVICEACCOUNT', 'ROLE', 'POD-ROLE', 'CONTAINERS', 'REMEDY'] as const;
/** The longest column, so that it moves no other. */
const lastHeader = 'FINDING';

/** The findings as kubectl would show them: a line each, those of one workload below one another. Empty without findings. */
function reportTable({ findings }: AuditReport, { style, headers: withHeaders, wide }: TableLook): string {
  if (findings.length === 0) return '';
  const columns = [...headers, ...(wide ? wideHeaders : []), lastHeader];
  const rows = findings.map(finding => [
    ...cells(finding, style),
    ...(wide ? wideCells(finding) : []),
    visible(finding.detail),
  ]);
  return formatTable(withHeaders ? columns : [], rows);
}

const colours = { error: 'red', warning: 'yellow', info: 'dim' } as const satisfies { [severity in Severity]: string };

function cells({ object, pods, severity, code }: Finding, style: Style): readonly string[] {
  const names = [object.namespace, `${object.kind.toLowerCase()}/${object.name}`, String(pods.length)];
  return [...names.map(visible), style(colours[severity], severity), code];
}

const nothing = '<none>';

function wideCells({ serviceAccount, role, podRole, containers, remedy }: Finding): readonly string[] {
  const [command, ...others] = remedy.commands;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const cells = [serviceAccount, role, podRole, containers.join(','), command === undefined ? '' : command + more];
  return cells.map(cell => (cell === null || cell === '' ? nothing : visible(cell)));
}

/** Names of a dump may hold what acts on a terminal. */
function visible(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?');
}
