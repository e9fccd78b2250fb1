/**
 * How fast our webhook starts: `make bench-startup`. Many starts, one after the other, with 1,000 ServiceAccounts; the table
 * goes to standard output, all figures to `test-results/bench-startup.json`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine } from './machine.ts';
import { exitOnSignals } from './on-exit.ts';
import { startOurWebhook } from './our-webhook.ts';
import { pinToCores } from './pin-to-cores.ts';
import { processUsage } from './process-usage.ts';
import { readSettings } from './settings.ts';
import { percentile } from './statistics.ts';
import { formatTable } from './table.ts';
import type { StartTimes } from './webhook-process.ts';

const resultPath = join(import.meta.dirname, '..', 'test-results', 'bench-startup.json');
const starts = 20;

function row(label: string, values: readonly number[]): readonly string[] {
  const sorted = Float64Array.from(values).sort();
  return [label, ...[0, 50, 90, 100].map(percent => percentile(sorted, percent).toFixed(0))];
}

exitOnSignals();
const { nodeFlags } = readSettings(process.env);
const { webhookCommand: command, description } = pinToCores();
const { process: webhook, times } = await startOurWebhook({ starts, command, nodeFlags });
const idle = processUsage.memory(webhook.pid);
await webhook.stop();
const read = (phase: keyof StartTimes): readonly number[] => times.map(time => time[phase]);
const table = formatTable(
  ['until', 'least ms', 'median ms', 'p90 ms', 'most ms'],
  [row('it takes connections', read('listening')), row('it is ready', read('ready'))],
  1,
);
console.log(`Start of irsa-webhook, ${starts} times\n\nMachine: ${describeMachine()}; ${description}\n\n${table}`);
if (idle !== undefined) {
  console.log(`\nIdle then: ${idle.resident.toFixed(1)} MiB resident, ${idle.anonymous.toFixed(1)} of it anonymous`);
}
await mkdir(join(resultPath, '..'), { recursive: true });
await writeFile(resultPath, JSON.stringify({ machine: describeMachine(), starts: times, idle }, undefined, 2));
process.exit();
