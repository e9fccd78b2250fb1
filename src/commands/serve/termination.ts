import { errorText } from '../../util/error-text.ts';
import type { Log } from '../../util/log.ts';
import { exitCodes, type ProcessEvents } from '../command-io.ts';

/** When the process is to end, and with what. */
export interface Termination {
  /** Aborted by the first signal, or by an exception that nobody caught. */
  readonly signal: AbortSignal;
  exitCode(): number;
}

/**
 * Turns the first SIGTERM or SIGINT into an abort, so that the drain can begin, and ends the process at once with the
 * second. An exception that nobody caught drains too: what is in flight is answered all the same, and the exit code tells.
 */
export function untilTermination(events: ProcessEvents, log: Log): Termination {
  const controller = new AbortController();
  let exitCode: number = exitCodes.done;
  events.onTermination(name => {
    if (controller.signal.aborted) return events.exit(exitCodes.uncaught);
    log.info('Signal received.', { signal: name });
    return controller.abort();
  });
  events.onUncaught(error => {
    exitCode = exitCodes.uncaught;
    log.error('Exception that nobody caught.', { detail: errorText(error) });
    controller.abort();
  });
  return { signal: controller.signal, exitCode: () => exitCode };
}
