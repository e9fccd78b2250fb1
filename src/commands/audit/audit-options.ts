import type { Severity } from '../../comparison/finding-kinds.ts';
import type { ColourChoice } from '../../terminal/style.ts';
import type { ClusterOptions } from '../common/cluster-command.ts';

export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml' | 'sarif' | 'html';

/** The options of `irsa audit`, as commander gives them. */
export interface AuditCommandOptions extends ClusterOptions {
  allNamespaces?: true | undefined;
  selector: string;
  filename?: readonly string[] | undefined;
  mapping?: string | undefined;
  associations?: string | undefined;
  failOn: Severity | 'never';
  exitZero?: true | undefined;
  suppress?: readonly string[] | undefined;
  output: OutputFormat;
  remedy?: true | undefined;
  headers: boolean;
  color: ColourChoice;
}
