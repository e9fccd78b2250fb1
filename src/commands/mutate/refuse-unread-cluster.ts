import { usageFailure } from '../common/command-failure.ts';
import type { MutateOptions } from './mutate-options.ts';

/** Options that choose a cluster, which is only read with `--cluster`. */
const clusterOptions = ['kubeconfig', 'context', 'user', 'as', 'asGroup'] as const;

/** Throws CommandFailure when a cluster is chosen that would not be read. */
export function refuseUnreadCluster(options: MutateOptions): void {
  const chosen = clusterOptions.find(name => options[name] !== undefined);
  if (chosen === undefined || options.cluster !== undefined) return;
  const flag = chosen === 'asGroup' ? 'as-group' : chosen;
  throw usageFailure(`--${flag}: expected --cluster with it, without which no cluster is read`);
}
