import type { Fault } from './fault.ts';
import type { RowResult } from './run-faults.ts';

const begin = '<!-- The table is written by make faults DOCS=1. -->';
const heading = '| # | what happens | what the webhook does | expected | measured |';
const rule = '| --- | --- | --- | --- | --- |';

/** The cells of a row that repeat the list of faults. */
export function cellsOf({ row, name, behaviour, expected }: Fault): readonly string[] {
  return [String(row), name, behaviour, expected];
}

/** The page with the table as it was measured. What this run did not measure stays as it was. */
export function writeTable(page: string, faults: readonly Fault[], results: readonly RowResult[]): string {
  const [before = '', after = ''] = page.split(begin);
  const measured = measuredIn(after);
  const lines = faults.map(fault => {
    const result = results.find(({ row }) => row === fault.row);
    const last = result === undefined ? (measured.get(String(fault.row)) ?? '') : figure(result);
    return `| ${[...cellsOf(fault), last].join(' | ')} |`;
  });
  return `${[before.trimEnd(), '', begin, '', heading, rule, ...lines].join('\n')}\n`;
}

/** The rows of the table in the page, as cells. */
export function readTable(page: string): readonly (readonly string[])[] {
  const [, table = ''] = page.split(begin);
  const rows = table.split('\n').filter(line => /^\| \d/.test(line));
  return rows.map(line => line.slice(2, -2).split(' | '));
}

function measuredIn(table: string): ReadonlyMap<string, string> {
  return new Map(readTable(begin + table).map(cells => [cells[0] ?? '', cells.at(-1) ?? '']));
}

function figure({ sent, failed, unmutated, detail, outcome }: RowResult): string {
  if (outcome === 'not-possible') return `not possible there: ${detail}`;
  const count = (value: number): string => value.toLocaleString('en');
  const counts = `${count(sent)} sent, ${count(failed)} failed, ${count(unmutated)} unmutated`;
  const missed = outcome === 'missed' ? 'MISSED: ' : '';
  return `${missed}${counts}; ${detail}`.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();
}
