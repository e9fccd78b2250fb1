import { spawnSync } from 'node:child_process';

/** What commands begin with, so that the webhook has one core and all its clients another. */
export interface Cores {
  readonly webhook: readonly string[];
  readonly clients: readonly string[];
}

/** Both empty where there is no `taskset`, or no second core. */
export function chooseCores(): Cores {
  const pinTo = (core: string): readonly string[] => ['taskset', '--cpu-list', core];
  const hasBoth = ['0', '1'].every(core => spawnSync('taskset', ['--cpu-list', core, 'true']).status === 0);
  return hasBoth ? { webhook: pinTo('0'), clients: pinTo('1') } : { webhook: [], clients: [] };
}
