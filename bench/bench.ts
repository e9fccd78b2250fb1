/**
 * Measures our built webhook under load, and another one beside it: `make bench`, or
 * `make bench AGAINST=https://127.0.0.1:8443,pid=1234`. The tables go to standard output, all figures to
 * `test-results/bench.json`, charts to `test-results/charts`, progress to standard error.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorText } from '../src/util/error-text.ts';
import { loadCharts, writeCharts } from './charts.ts';
import { describeMachine } from './machine.ts';
import { measure, prepare, type Progress } from './measure.ts';
import { exitOnSignals } from './on-exit.ts';
import { startOurWebhook } from './our-webhook.ts';
import { pinToCores, type Pinning } from './pin-to-cores.ts';
import { processUsage } from './process-usage.ts';
import { formatReport } from './report.ts';
import type { WebhookResult } from './results.ts';
import { createReviews } from './reviews.ts';
import { createScenarios } from './scenarios.ts';
import { measuredAccount } from './service-accounts.ts';
import { readSettings, SettingsError, type BenchSettings } from './settings.ts';

const resultPath = join(import.meta.dirname, '..', 'test-results', 'bench.json');
/** `CHARTS=docs/performance` puts them into the documentation. */
const chartFolder = process.env['CHARTS'] || join(import.meta.dirname, '..', 'test-results', 'charts');
const progress: Progress = text => console.error(text);

exitOnSignals();
try {
  await bench(readSettings(process.env));
} catch (error) {
  console.error(errorText(error));
  // Ends what was started, too.
  process.exit(error instanceof SettingsError ? 2 : 1);
}

async function bench(settings: BenchSettings): Promise<void> {
  const { against, rounds, seconds, nodeFlags } = settings;
  const pinning = pinToCores();
  const reviews = createReviews(measuredAccount);
  progress('irsa-webhook: starting it');
  const ours = await startOurWebhook({ starts: rounds, command: pinning.webhookCommand, nodeFlags });
  const subjects = [
    await prepare({ name: 'irsa-webhook', ...ours.process }, ours.started, reviews, progress),
    ...(against === undefined ? [] : [await prepare({ name: 'other', ...against }, undefined, reviews, progress)]),
  ];
  const results = await measure(subjects, createScenarios(reviews, seconds * 1_000), rounds, progress);
  await ours.process.stop();
  console.log(`\n${heading(settings, pinning, results)}\n\n${formatReport(results)}`);
  await mkdir(dirname(resultPath), { recursive: true });
  await writeFile(resultPath, JSON.stringify({ machine: describeMachine(), settings, results }, undefined, 2));
  await writeCharts(loadCharts(results), chartFolder);
  progress(`\nAll figures of all rounds: ${resultPath}; charts: ${chartFolder}`);
}

function heading(settings: BenchSettings, pinning: Pinning, results: readonly WebhookResult[]): string {
  const { against, rounds, seconds, nodeFlags } = settings;
  const versions = results.map(({ name, tlsVersion }) => `${name} ${tlsVersion}`).join(', ');
  const lines = [
    'irsa-webhook under load',
    '',
    `Machine: ${describeMachine()}; ${pinning.description}`,
    'Setting: 1,000 ServiceAccounts, one in ten with a role; pods of one that has a role; every answer checked once a size',
    `Figures: medians of ${rounds} rounds of ${seconds} s each; ${versions}`,
  ];
  if (nodeFlags.length > 0) lines.push(`Node.js flags of irsa-webhook: ${nodeFlags.join(' ')}`);
  if (process.platform !== 'linux') lines.push('CPU and memory of a process are only measured on Linux.');
  const cores = against === undefined ? undefined : processUsage.cores(against.pid);
  if (cores !== undefined && pinning.webhookCore !== undefined && cores !== pinning.webhookCore) {
    lines.push(`Unequal terms: other may use the cores ${cores}; start it with "taskset -c ${pinning.webhookCore}".`);
  }
  return lines.join('\n');
}
