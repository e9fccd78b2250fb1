import { spawnSync } from 'node:child_process';

/** Which cores the two sides of the measurement have. */
export interface Pinning {
  /** Undefined where nothing could be pinned. */
  readonly webhookCore: string | undefined;
  /** What our webhook's command begins with. */
  readonly webhookCommand: readonly string[];
  /** For the heading of the output. */
  readonly description: string;
}

const webhookCore = '0';
const clientCore = '1';

/** Moves this process, and with it all that it starts later, to one core, so that the webhook has another for itself. */
export function pinToCores(): Pinning {
  const { status } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', clientCore, String(process.pid)]);
  return status === 0
    ? {
        webhookCore,
        webhookCommand: ['taskset', '--cpu-list', webhookCore],
        description: `webhook on core ${webhookCore}, clients on core ${clientCore}`,
      }
    : {
        webhookCore: undefined,
        webhookCommand: [],
        description: 'webhook and clients share all cores (taskset or a second core is missing): expect noise',
      };
}
