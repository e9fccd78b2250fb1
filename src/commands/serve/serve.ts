import { revisionVariable } from '../../configuration/environment.ts';
import { parseServeArguments, type ServeArguments } from '../../configuration/parse-serve-arguments.ts';
import type { ServeSettings } from '../../configuration/serve-settings.ts';
import { createLogWriter } from '../../observability/log-writer.ts';
import { createLogger, type Logger } from '../../observability/logger.ts';
import { createMetrics, type Metrics } from '../../observability/metrics.ts';
import { ListenError } from '../../server/listen.ts';
import { errorText } from '../../util/error-text.ts';
import { exitCodes, version, type ProcessIo, type ProcessEvents } from '../command-io.ts';
import { startWebhook } from './start-webhook.ts';
import type { Log } from '../../util/log.ts';

/** How long the last log lines may take to be written. */
const flushMs = 2_000;

/** Runs `irsa serve` with these flags until a signal ends it; resolves with the exit code. */
export async function serve(flags: readonly string[], io: ProcessIo): Promise<number> {
  const parsed = parseServeArguments(flags, io.environment);
  if (parsed.kind === 'settings') return serveWith(parsed.settings, parsed.notices, io);
  return answer(parsed, io);
}

/** Everything that is not serving. */
function answer(parsed: Exclude<ServeArguments, { kind: 'settings' }>, { stdout, stderr }: ProcessIo): number {
  switch (parsed.kind) {
    case 'help':
      stdout.write(parsed.text);
      break;
    case 'version':
      stdout.write(`${version}\n`);
      break;
    case 'print-config':
      stderr.write(lines('note', parsed.notices));
      stdout.write(parsed.text);
      break;
    case 'problems':
      stderr.write(`${lines('error', parsed.problems)}${lines('note', parsed.notices)}\n${parsed.usage}`);
      break;
  }
  return parsed.kind === 'problems' ? exitCodes.usage : exitCodes.done;
}

function lines(kind: string, texts: readonly string[]): string {
  return texts.map(text => `${kind}: ${text}\n`).join('');
}

async function serveWith(settings: ServeSettings, notices: readonly string[], io: ProcessIo): Promise<number> {
  const metrics = createMetrics({
    version,
    revision: io.environment[revisionVariable] ?? 'unknown',
    nodeVersion: process.version,
    ...settings.metrics,
  });
  const writer = createLogWriter(io.stdout, lines => metrics.logLinesDropped(lines));
  const log = createLogger({ ...settings.log, writer, now: Date.now, onDropped: () => metrics.logLinesDropped(1) });
  log.info('Starting.', { version, nodeVersion: process.version });
  for (const detail of notices) log.warn('Setting needs attention.', { detail });
  const exitCode = await runWebhook(settings, io, log, metrics);
  await writer.flush(flushMs);
  return exitCode;
}

async function runWebhook(settings: ServeSettings, io: ProcessIo, log: Logger, metrics: Metrics): Promise<number> {
  const termination = untilTermination(io.process, log);
  try {
    const webhook = await startWebhook(settings, io.environment, { log, metrics });
    await webhook.run(termination.signal);
    return termination.exitCode();
  } catch (error) {
    // Its message says all: what the operating system says would only repeat it.
    log.error('Cannot serve.', { detail: error instanceof ListenError ? error.message : errorText(error) });
    return exitCodes.failed;
  }
}

/** When the process is to end, and with what. */
interface Termination {
  /** Aborted by the first signal, or by an exception that nobody caught. */
  readonly signal: AbortSignal;
  exitCode(): number;
}

/**
 * Turns the first SIGTERM or SIGINT into an abort, so that the drain can begin, and ends the process at once with the
 * second. An exception that nobody caught drains too: what is in flight is answered all the same, and the exit code shows it.
 */
function untilTermination(events: ProcessEvents, log: Log): Termination {
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
