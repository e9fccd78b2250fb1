import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderBarChart, type BarChart } from './bar-chart.ts';
import type { Load } from './load.ts';
import type { ScenarioResult, WebhookResult } from './results.ts';
import type { ScaleResult } from './measure-scale.ts';

/** Charts by the names of their files. */
export type Charts = { readonly [name: string]: BarChart };

/** What a load measurement found. */
export function loadCharts(results: readonly WebhookResult[]): Charts {
  return {
    'cpu-per-review': chartOf(results, 'saturated', {
      title: 'CPU time of a review, saturated',
      axis: 'µs of user and system time; less is better',
      read: load => load.cpuMicroseconds,
    }),
    throughput: chartOf(results, 'saturated', {
      title: 'Reviews a second on one core',
      axis: 'reviews answered in a second; more is better',
      read: load => load.reviewsPerSecond,
    }),
    'latency-p99': chartOf(results, 'open_loop', {
      title: 'Latency at a fixed rate, reviews of 8 KB',
      axis: 'ms within which 99 of 100 were answered; less is better',
      read: load => load.latencyMs.p99,
    }),
  };
}

interface LoadChart {
  readonly title: string;
  readonly axis: string;
  readonly read: (load: Load) => number | undefined;
}

function chartOf(
  results: readonly WebhookResult[],
  kind: ScenarioResult['kind'],
  { title, axis, read }: LoadChart,
): BarChart {
  const names = (results[0]?.scenarios ?? []).filter(scenario => scenario.kind === kind).map(({ name }) => name);
  const groups = names.map(name => ({
    name,
    values: results.map(({ scenarios }) => {
      const found = scenarios.find(scenario => scenario.kind === kind && scenario.name === name);
      return found === undefined ? undefined : read(found.median);
    }),
  }));
  return { title, axis, series: results.map(({ name }) => name), groups };
}

/** What growing clusters cost. */
export function scaleCharts(results: readonly ScaleResult[]): Charts {
  const groups = (...reads: readonly ((result: ScaleResult) => number | undefined)[]): BarChart['groups'] =>
    results.map(result => ({ name: result.accounts.toLocaleString('en'), values: reads.map(read => read(result)) }));
  return {
    'scale-ready': {
      title: 'Time until it is ready, by ServiceAccounts in the cluster',
      axis: 'ms from the start of the process',
      series: ['listening', 'ready'],
      groups: groups(
        result => result.listeningMs,
        result => result.readyMs,
      ),
    },
    'scale-memory': {
      title: 'Resident memory, by ServiceAccounts in the cluster',
      axis: 'MiB',
      series: ['peak', 'settled'],
      groups: groups(
        result => result.peakMiB,
        result => result.settledMiB,
      ),
    },
  };
}

/** Writes each chart as an SVG into the folder. */
export async function writeCharts(charts: Charts, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, chart] of Object.entries(charts))
    await writeFile(join(folder, `${name}.svg`), renderBarChart(chart));
}
