import { availableParallelism, loadavg } from 'node:os';
import type { KubernetesClient } from '../../support/cluster/client.ts';
import type { ClusterAccess } from '../../support/cluster/cluster-files.ts';

/** `short` is part of `make test`, `usual` is `make faults`, `long` is `make soak`. */
export type Form = 'short' | 'usual' | 'long';

/** Where the programs run. */
export interface Lab {
  readonly form: Form;
  readonly cluster: ClusterAccess;
  readonly admin: KubernetesClient;
}

/** The value for the form of this run. */
export function byForm<T>({ form }: Lab, values: { readonly [form in Form]: T }): T {
  return values[form];
}

/**
 * Limits of time hold for a machine that does nothing else. One that is busy with others gets as much longer as there are
 * processes in the queue for each core.
 */
export function allowance(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
}
