import type { ColourChoice } from '../../terminal/style.ts';
import type { ClusterOptions } from '../common/cluster-command.ts';

export const explainFormats = ['text', 'json', 'yaml'] as const;

/** The options of `irsa explain`, as commander gives them. */
export interface ExplainOptions extends ClusterOptions {
  readonly filename?: readonly string[] | undefined;
  readonly recursive?: true | undefined;
  readonly serviceAccounts?: readonly string[] | undefined;
  readonly mapping?: string | undefined;
  readonly associations?: string | undefined;
  readonly templatePath?: readonly string[] | undefined;
  readonly exitCode?: true | undefined;
  readonly output: (typeof explainFormats)[number];
  readonly color: ColourChoice;
}
