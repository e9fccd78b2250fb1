import { parentPort } from 'node:worker_threads';
import { runCases } from './run-cases.ts';

/** Runs the chunks that fuzz-program.ts hands out. */
parentPort?.on('message', ({ seed, cases }: { readonly seed: number; readonly cases: number }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(runCases(seed, cases));
});
