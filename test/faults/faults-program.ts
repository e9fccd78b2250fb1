import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { prepareBinaries } from '../support/cluster/build.ts';
import { connect } from '../support/cluster/client.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { allFaults } from './all-faults.ts';
import type { Fault } from './support/fault.ts';
import { writeTable } from './support/fault-table.ts';
import type { Form } from './support/lab.ts';
import { runFaults, type RowResult } from './support/run-faults.ts';

/**
 * `make faults` and `make soak`: the programs, each with its figure. FAULTS chooses: `short`, or rows as in `1,7,12`; FORM
 * is usual or long; with DOCS=1 the table in the documentation gets the figures.
 */

const root = join(import.meta.dirname, '..', '..');
const resultsFolder = join(root, 'test-results');
const page = join(root, 'docs', 'reliability.md');

interface Choice {
  readonly form: Form;
  readonly faults: readonly Fault[];
}

function readChoice({ FAULTS: which = '', FORM: form = '' }: NodeJS.ProcessEnv): Choice {
  if (form !== '' && form !== 'usual' && form !== 'long')
    throw new Error(`expected usual or long in FORM, found ${JSON.stringify(form)}`);
  if (which === 'short') return { form: 'short', faults: allFaults.filter(fault => fault.isShort) };
  const rows = which.split(',').filter(row => row !== '');
  const unknown = rows.find(row => allFaults.every(fault => String(fault.row) !== row));
  if (unknown !== undefined)
    throw new Error(`expected short, or rows from 1 to ${allFaults.length} in FAULTS, found ${unknown}`);
  const faults = allFaults.filter(fault => rows.length === 0 || rows.includes(String(fault.row)));
  return { form: form === 'long' ? 'long' : 'usual', faults };
}

function lineOf({ row, name, outcome, sent, failed, unmutated, seconds, detail, misses }: RowResult): string {
  const head = `${String(row).padStart(2)}  ${name}: `;
  if (outcome === 'not-possible') return `${head}not possible here: ${detail}`;
  const missed = misses.length === 0 ? '' : ` MISSED: ${misses.join('; ')}`;
  const counts = `${sent} sent, ${failed} failed, ${unmutated} unmutated`;
  return `${head}${counts} (${detail.trim()}; ${seconds.toFixed(0)} s)${missed}`;
}

function tableOf(results: readonly RowResult[]): string {
  const rows = results.map(({ row, name, sent, failed, unmutated, expected, outcome }) =>
    [String(row), name, String(sent), String(failed), String(unmutated), expected, outcome].map(String),
  );
  const all = [['row', 'fault', 'sent', 'failed', 'unmutated', 'expected', 'outcome'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map(cells => (cells[column] ?? '').length))) ?? [];
  return all.map(cells => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

async function main(): Promise<number> {
  const { form, faults } = readChoice(process.env);
  const binaries = await prepareBinaries();
  if (binaries.kind === 'unavailable') {
    console.error(`No row can be shown: ${binaries.detail}`);
    return 1;
  }
  const machine = { cores: cpus().length, load: loadavg()[0] ?? 0 };
  console.log(`${faults.length} faults, ${machine.cores} cores, load ${machine.load.toFixed(1)}`);
  await using cluster = await startCluster({ binaries: binaries.folder });
  using admin = connect({ ...cluster, token: cluster.adminToken });
  const results = await runFaults({ form, cluster, admin }, faults, result => console.log(lineOf(result)));
  console.log(`\n${tableOf(results)}`);
  await mkdir(resultsFolder, { recursive: true });
  await writeFile(join(resultsFolder, 'faults.json'), `${JSON.stringify({ form, machine, results }, undefined, 2)}\n`);
  if (process.env['DOCS'] === '1') await writeFile(page, writeTable(await readFile(page, 'utf8'), allFaults, results));
  return results.some(({ outcome }) => outcome === 'missed') ? 1 : 0;
}

// At an ordinary end Node.js 26 waits for each write to a destroyed TLS socket, which never ends, and uses all of a core.
process.exit(await main());
