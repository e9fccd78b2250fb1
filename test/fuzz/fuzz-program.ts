import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { saveRegression, type Regression } from './regressions.ts';
import type { RunResult } from './run-cases.ts';

/** `make fuzz`: runs cases on every core until there are enough or one fails, which is minimised and kept. */

/** Small enough that progress is seen and a failure stops all soon, large enough that handing them out costs nothing. */
const casesPerChunk = 2_000;
const reportEveryMs = 30_000;

interface Settings {
  readonly seed: number;
  readonly cases: number;
  readonly minutes: number;
}

interface Progress {
  done: number;
  chunks: number;
  slowestMs: number;
  failure: Regression | undefined;
}

function readSettings(environment: NodeJS.ProcessEnv): Settings {
  return {
    seed: readNumber(environment, 'SEED', randomInt(2 ** 31)),
    cases: readNumber(environment, 'CASES', 1_000_000),
    minutes: readNumber(environment, 'MINUTES', Number.POSITIVE_INFINITY),
  };
}

function readNumber(environment: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const text = environment[name] || String(otherwise);
  const value = Number(text);
  if (value >= 0) return value;
  throw new Error(`expected a number in ${name}, found ${JSON.stringify(text)}`);
}

/** Gives one worker chunk after chunk; resolves when it has ended. */
function feed({ seed, cases, minutes }: Settings, progress: Progress): Promise<void> {
  const worker = new Worker(new URL('fuzz-worker-program.ts', import.meta.url));
  const endMs = performance.now() + minutes * 60_000;
  const next = (): void => {
    const chunk = progress.chunks;
    const left = cases - chunk * casesPerChunk;
    if (left <= 0 || progress.failure !== undefined || performance.now() > endMs) return void worker.terminate();
    progress.chunks += 1;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage({ seed: seed + chunk, cases: Math.min(left, casesPerChunk) });
  };
  worker.on('message', (result: RunResult) => {
    progress.done += result.cases;
    progress.slowestMs = Math.max(progress.slowestMs, result.slowestMs);
    progress.failure ??= result.failure;
    next();
  });
  next();
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}

async function main(): Promise<number> {
  const settings = readSettings(process.env);
  const progress: Progress = { done: 0, chunks: 0, slowestMs: 0, failure: undefined };
  const startMs = performance.now();
  const report = (): void => {
    const seconds = (performance.now() - startMs) / 1_000;
    const rate = (progress.done / seconds).toFixed(0);
    console.log(
      `${progress.done} cases in ${seconds.toFixed(0)} s (${rate}/s), slowest ${progress.slowestMs.toFixed(0)} ms`,
    );
  };
  console.log(`seed ${settings.seed}, ${settings.cases} cases`);
  const timer = setInterval(report, reportEveryMs);
  await Promise.all(Array.from({ length: availableParallelism() }, () => feed(settings, progress)));
  clearInterval(timer);
  report();
  if (progress.failure === undefined) return 0;
  console.error(progress.failure.problems.join('\n'));
  console.error(`kept as ${saveRegression(progress.failure)}: make test runs it from now on`);
  return 1;
}

process.exitCode = await main();
