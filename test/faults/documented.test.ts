import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allFaults } from './all-faults.ts';
import { cellsOf, readTable } from './support/fault-table.ts';

const rows = readTable(await readFile(join(import.meta.dirname, '..', '..', 'docs', 'reliability.md'), 'utf8'));

describe('the table of faults in docs/reliability.md', () => {
  test('has every fault, as its program has it (make faults DOCS=1 writes it anew)', () => {
    expect(rows.map(cells => cells.slice(0, -1))).toEqual(allFaults.map(cellsOf));
  });

  test('says of each what was measured', () => {
    expect(rows.filter(cells => !/ failed, /.test(cells.at(-1) ?? ''))).toEqual([]);
  });
});

describe('the programs', () => {
  test('are one for each row, in their order', () => {
    expect(allFaults.map(({ row }) => row)).toEqual(Array.from({ length: allFaults.length }, (_, index) => index + 1));
  });
});
