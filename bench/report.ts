import { countFailures, type Load } from './load.ts';
import type { ScenarioResult, WebhookResult } from './results.ts';
import { formatTable } from './table.ts';

/** A figure of a table. */
interface Column<T> {
  readonly title: string;
  readonly digits: number;
  readonly read: (subject: T) => number | undefined;
}

const milliseconds = (title: string, read: (load: Load) => number): Column<Load> => ({ title, digits: 2, read });
const cpu: Column<Load> = { title: 'CPU µs', digits: 0, read: load => load.cpuMicroseconds };
const core: Column<Load> = { title: 'core', digits: 2, read: load => load.webhookCore };
const p50 = milliseconds('p50 ms', load => load.latencyMs.p50);
const p90 = milliseconds('p90 ms', load => load.latencyMs.p90);
const p99 = milliseconds('p99 ms', load => load.latencyMs.p99);
const p999 = milliseconds('p99.9 ms', load => load.latencyMs.p999);
const failed: Column<Load> = { title: 'failed', digits: 0, read: load => countFailures(load.failures) };

const saturatedColumns: readonly Column<Load>[] = [
  { title: 'req/s', digits: 0, read: load => load.reviewsPerSecond },
  ...[cpu, core, p50, p90, p99, failed],
];
const openLoopColumns: readonly Column<Load>[] = [cpu, core, p50, p90, p99, p999, failed];

const memoryColumns: readonly Column<WebhookResult>[] = [
  { title: 'idle', digits: 1, read: result => result.idle?.resident },
  { title: 'anonymous', digits: 1, read: result => result.idle?.anonymous },
  { title: 'under load', digits: 1, read: result => result.underLoad?.resident },
  { title: 'anonymous', digits: 1, read: result => result.underLoad?.anonymous },
  { title: 'after load', digits: 1, read: result => result.afterLoad?.resident },
  { title: 'anonymous', digits: 1, read: result => result.afterLoad?.anonymous },
  { title: 'peak', digits: 1, read: result => result.afterLoad?.peak },
];

const startColumns: readonly Column<WebhookResult>[] = [
  { title: 'listening ms', digits: 0, read: result => result.started?.listening },
  { title: 'ready ms', digits: 0, read: result => result.started?.ready },
];

/** The tables for a person, each with what its columns mean. The first webhook is ours. */
export function formatReport(results: readonly WebhookResult[]): string {
  const sections = [
    [
      'Saturated: 16 connections, each with the next review as soon as the last is answered',
      scenarioTable('review', 'saturated', saturatedColumns, results),
      'req/s: reviews answered in a second. CPU µs: user and system time of the webhook for one review. core: part of a',
      'core that it used. p50, p90, p99: so many of a hundred answers came within that time, from the first byte sent to',
      'the last received. failed: answers other than HTTP 200, and none at all, in all rounds.',
    ],
    [
      'Open loop: reviews of 8 KB at random times, on connections as kube-apiserver keeps them',
      scenarioTable('rate', 'open_loop', openLoopColumns, results),
      'Latency counts from the time at which a review was due, so waiting behind others is part of it. failed: also 200s',
      'whose body is not the one that was checked.',
    ],
    [
      'Memory in MiB',
      subjectTable(memoryColumns, results),
      'Resident, and anonymous: the part that no file stands behind. idle: before any load. under load: the most while',
      'saturated. after load: when all was over. peak: the most at any time.',
    ],
    [
      'Start',
      subjectTable(startColumns, results),
      'From the start of the process until it takes connections, and until /readyz says that it is ready.',
    ],
  ];
  const notes = [ratioNote(results), failuresNote(results), bottleneckNote(results), noiseNote(results)];
  return [...sections.map(lines => lines.join('\n')), ...notes.filter(note => note !== undefined)].join('\n\n');
}

function ratioNote(results: readonly WebhookResult[]): string | undefined {
  const [ours, theirs] = results;
  if (ours === undefined || theirs === undefined) return undefined;
  return `ratio: ${ours.name} divided by ${theirs.name}. More is better for req/s, less for all else.`;
}

/** All measurements, each with a name that a person understands. */
function allMedians(results: readonly WebhookResult[]): readonly { readonly label: string; readonly median: Load }[] {
  return results.flatMap(({ name, scenarios }) =>
    scenarios.map(scenario => ({ label: `${name} at ${scenario.name}`, median: scenario.median })),
  );
}

function failuresNote(results: readonly WebhookResult[]): string | undefined {
  const causes = allMedians(results).flatMap(({ label, median }) =>
    Object.entries(median.failures).map(([cause, count]) => `${label}: ${count} × ${cause}`),
  );
  return causes.length === 0 ? undefined : `Failures: ${causes.join('; ')}.`;
}

/** A client that has no time left measures itself. */
function bottleneckNote(results: readonly WebhookResult[]): string | undefined {
  const limited = allMedians(results).filter(
    ({ median }) => median.clientCore > 0.95 && (median.webhookCore ?? 1) < 0.9,
  );
  if (limited.length === 0) return undefined;
  const labels = limited.map(({ label }) => label).join(', ');
  return `The client had no time left, the webhook had (${labels}): req/s is too low there, CPU µs is right.`;
}

function noiseNote(results: readonly WebhookResult[]): string | undefined {
  const cores = Math.max(...allMedians(results).map(({ median }) => median.othersCores));
  if (!(cores > 0.2)) return undefined;
  return `Other programs used up to ${cores.toFixed(1)} cores meanwhile: measure again when the machine is quiet.`;
}

function scenarioTable(
  title: string,
  kind: ScenarioResult['kind'],
  columns: readonly Column<Load>[],
  results: readonly WebhookResult[],
): string {
  const names = (results[0]?.scenarios ?? []).filter(scenario => scenario.kind === kind).map(scenario => scenario.name);
  const rows = names.flatMap(name => {
    const measured = results.flatMap(result => {
      const scenario = result.scenarios.find(found => found.kind === kind && found.name === name);
      return scenario === undefined ? [] : [{ label: result.name, subject: scenario.median }];
    });
    return rowsOf(columns, measured).map(row => [name, ...row]);
  });
  return formatTable([title, 'webhook', ...columns.map(column => column.title)], rows, 2);
}

function subjectTable(columns: readonly Column<WebhookResult>[], results: readonly WebhookResult[]): string {
  const rows = rowsOf(
    columns,
    results.map(result => ({ label: result.name, subject: result })),
  );
  return formatTable(['webhook', ...columns.map(column => column.title)], rows, 1);
}

interface Measured<T> {
  readonly label: string;
  readonly subject: T;
}

/** A row for each webhook, and where there are two their ratio. */
function rowsOf<T>(columns: readonly Column<T>[], measured: readonly Measured<T>[]): readonly (readonly string[])[] {
  const rows = measured.map(({ label, subject }) => [
    label,
    ...columns.map(({ digits, read }) => formatNumber(read(subject), digits)),
  ]);
  const [ours, theirs] = measured;
  if (ours === undefined || theirs === undefined) return rows;
  return [...rows, ['ratio', ...columns.map(({ read }) => formatRatio(read(ours.subject), read(theirs.subject)))]];
}

function formatNumber(value: number | undefined, digits: number): string {
  if (value === undefined) return '–';
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function formatRatio(ours: number | undefined, theirs: number | undefined): string {
  return ours === undefined || theirs === undefined || theirs === 0 ? '–' : `${(ours / theirs).toFixed(2)}×`;
}
