import { stringify } from 'yaml';
import { remedyScript } from '../../audit/remedy-script.ts';
import type { AuditReport } from '../../audit/report.ts';
import { toSarif } from '../../audit/sarif.ts';
import { createStyle, type ColourChoice } from '../../terminal/style.ts';
import { version, type CommandIo } from '../command-io.ts';
import type { OutputFormat } from './audit-options.ts';
import { reportTable } from './report-table.ts';

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
