// Shows the built webhook at work on a real API server: `make demo`.
//
//   DEMO_KUBECONFIG     a cluster to show it on; without it one is started on this machine
//   DEMO_WEBHOOK_HOST   this machine, as the API server of that cluster sees it; 127.0.0.1 by default
import { constants } from 'node:os';
import { styleText } from 'node:util';
import { errorText } from '../../src/util/error-text.ts';
import { checkBuilt } from '../support/webhook-process.ts';
import { findCluster } from './find-cluster.ts';
import { interruptible } from './interruptible.ts';
import { createPrinter } from './printer.ts';
import { showEverything } from './show.ts';

/** What is under way when the demo is interrupted may finish, so that it is known what to remove; a start takes longest. */
const graceMs = 30_000;

/** Rejects, with everything removed, when something fails or the signal comes. */
async function demonstrate(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  await checkBuilt();
  const { DEMO_KUBECONFIG: kubeconfig = '', DEMO_WEBHOOK_HOST: host = '' } = environment;
  const cluster = await interruptible(findCluster(kubeconfig, host), signal, graceMs);
  if (cluster.kind === 'unavailable') throw new Error(cluster.detail);
  const printer = createPrinter(process.stdout);
  await using stack = new AsyncDisposableStack();
  const shown = showEverything({ printer, openCluster: cluster.open, stack, signal });
  await interruptible(shown, signal, graceMs);
}

/** An error while removing what was created does not hide the one before it. */
function describe(error: unknown): string {
  if (!(error instanceof SuppressedError)) return errorText(error);
  return `${describe(error.suppressed)}; then ${describe(error.error)}`;
}

const started = performance.now();
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    const exitCode = 128 + constants.signals[name]; // as a shell gives it
    if (interruption.signal.aborted) process.exit(exitCode);
    process.exitCode = exitCode;
    console.error(`\nInterrupted by ${name}: removing what was created; once more ends at once`);
    interruption.abort(new Error('interrupted'));
  });
}
// A reader that has gone, as in `make demo | head`, must not keep anything from being removed.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  await demonstrate(process.env, interruption.signal);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`\nEverything that was created is removed again. It took ${seconds} s.`);
} catch (error) {
  const isInterruption = error === interruption.signal.reason;
  const message = isInterruption ? 'Everything that was created is removed.' : describe(error);
  console.error(styleText('red', message, { stream: process.stderr }));
  // At once: something may still wait for what has been ended.
  process.exit(process.exitCode ?? 1);
}
