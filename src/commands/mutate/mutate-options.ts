import type { ClusterOptions } from '../common/cluster-command.ts';

export const mutateFormats = ['yaml', 'json', 'jsonpatch', 'admissionreview', 'diff'] as const;

export type MutateFormat = (typeof mutateFormats)[number];

/** The options of `irsa mutate`, as commander gives them. */
export interface MutateOptions extends ClusterOptions {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly serviceAccounts?: readonly string[];
  readonly mapping?: string;
  readonly associations?: string;
  readonly templatePath?: readonly string[];
  readonly output?: MutateFormat;
}
