import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTree, type SourceFile } from '../read-tree.ts';

/** A test whose title bears numbers of edge cases. */
export interface NumberedTest {
  readonly numbers: readonly number[];
  /** Below `test/`. */
  readonly file: string;
  /** Without the numbers. */
  readonly title: string;
}

/** One row of `docs/edge-cases.md`. */
export interface EdgeCase {
  readonly number: number;
  /** Situation, expected result, tests. */
  readonly cells: readonly string[];
}

const root = join(import.meta.dirname, '..', '..');
const page = join(root, 'docs', 'edge-cases.md');

/** Holds made-up numbers, which are nobody's. */
const ownTest = 'test/docs/edge-cases.test.ts';

/** `docs/edge-cases.md` with its column of tests written again. People write the other columns. */
export function renderEdgeCases(): string {
  return fillTests(readFileSync(page, 'utf8'), numberedTests());
}

/** All tests of the tree that bear numbers; golden pods bear them in the names of their folders. */
export function numberedTests(): readonly NumberedTest[] {
  const files = readTree(['test'], ['.ts']).filter(({ path }) => path !== ownTest);
  const golden = readdirSync(join(root, 'test', 'golden')).toSorted();
  return [...files.flatMap(testsIn), ...golden.flatMap(testOfGoldenPod)];
}

/** The files that may cite numbers. */
export function citingFiles(): readonly SourceFile[] {
  const folders = ['src', 'test', 'docs', 'charts', 'bench', 'scripts', 'deploy'];
  return readTree(folders, ['.ts', '.md', '.yaml', '.tpl', '.sh']).filter(({ path }) => path !== ownTest);
}

/** A text in quotes, of one line. */
const literal = /'(?<single>(?:[^'\\\n]|\\.)*)'|"(?<double>(?:[^"\\\n]|\\.)*)"|`(?<template>(?:[^`\\\n]|\\.)*)`/g;
const numbersBefore = /^(?<numbers>E\d+(?: E\d+)*): (?<title>.+)$/;
const numbersAfter = /^(?<title>.+) \((?<numbers>(?:[^()]*, )?E\d+[^()]*)\)$/;

/** The titles in a file that begin with `E1 E2: `, or end with `(E1, E2)`, wherever they are written: rows of a table too. */
export function testsIn({ path, text }: SourceFile): readonly NumberedTest[] {
  const file = path.replace(/^test\//, '');
  return [...withoutComments(text).matchAll(literal)].flatMap(({ groups }) => {
    const quoted = groups?.['single'] ?? groups?.['double'] ?? groups?.['template'] ?? '';
    const found = (numbersBefore.exec(quoted) ?? numbersAfter.exec(quoted))?.groups;
    if (found === undefined) return [];
    const title = (found['title'] ?? '').replaceAll(/\\(.)/g, '$1');
    return [{ numbers: citedNumbers(found['numbers'] ?? ''), file, title }];
  });
}

function testOfGoldenPod(name: string): readonly NumberedTest[] {
  const numbers = citedNumbers(name);
  return numbers.length === 0 ? [] : [{ numbers, file: 'golden.test.ts', title: name }];
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*(?:\/\/|\/\*|\*).*$/gm, '');
}

/** The numbers in a text, once each; `E20–E30` cites all between them too. */
export function citedNumbers(text: string): readonly number[] {
  const numbers = new Set<number>();
  for (const [, first = '', last = first] of text.matchAll(/\bE(\d+)\b(?:–E(\d+)\b)?/g)) {
    for (let number = Number(first); number <= Number(last); number += 1) numbers.add(number);
  }
  return [...numbers];
}

const row = /^\| E(\d+) \| .*\|$/;

export function parseEdgeCases(text: string): readonly EdgeCase[] {
  return text.split('\n').flatMap(line => {
    const number = row.exec(line)?.[1];
    return number === undefined ? [] : [{ number: Number(number), cells: cellsOf(line).slice(1) }];
  });
}

/** Writes the tests of each row. Where there are none, the row keeps the reason that somebody wrote there. */
export function fillTests(text: string, tests: readonly NumberedTest[]): string {
  const lines = text.split('\n').map(line => {
    const number = row.exec(line)?.[1];
    if (number === undefined) return line;
    const own = tests.filter(({ numbers }) => numbers.includes(Number(number)));
    const [name = '', situation = '', expected = '', kept = ''] = cellsOf(line);
    const cell = own.length > 0 ? testsCell(own) : isReason(kept) ? kept : '';
    return `| ${name} | ${situation} | ${expected} | ${cell} |`;
  });
  return lines.join('\n');
}

/** The cells of a row; a bar within a cell has a backslash before it. */
function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map(cell => cell.trim());
}

function testsCell(tests: readonly NumberedTest[]): string {
  const titles = new Map<string, Set<string>>();
  for (const { file, title } of tests) titles.set(file, (titles.get(file) ?? new Set()).add(title));
  return [...titles]
    .map(([file, ofFile]) => `\`${file}\`: ${[...ofFile].map(title => plainMarkdown(title)).join('; ')}`)
    .join('<br>');
}

function plainMarkdown(title: string): string {
  return title.replaceAll(/[\\`*_<>[\]|]/g, String.raw`\$&`);
}

/** What stands in the column of tests when there is none. */
function isReason(cell: string): boolean {
  return cell.startsWith('none: ');
}

/** What is wrong with the page; empty when every number that is cited can be looked up. */
export function findProblems(
  cases: readonly EdgeCase[],
  files: readonly SourceFile[],
  tests: readonly NumberedTest[],
): readonly string[] {
  return [...wrongOrder(cases), ...withoutText(cases), ...withoutTest(cases, tests), ...withoutRow(cases, files)];
}

function wrongOrder(cases: readonly EdgeCase[]): readonly string[] {
  return cases.flatMap(({ number }, index) => {
    const before = cases[index - 1]?.number ?? 0;
    return number > before ? [] : [`E${number} stands behind E${before}`];
  });
}

function withoutText(cases: readonly EdgeCase[]): readonly string[] {
  return cases
    .filter(({ cells: [situation = '', expected = ''] }) => situation === '' || expected === '')
    .map(({ number }) => `E${number} has no situation or no expectation`);
}

function withoutTest(cases: readonly EdgeCase[], tests: readonly NumberedTest[]): readonly string[] {
  const tested = new Set(tests.flatMap(({ numbers }) => numbers));
  return cases
    .filter(({ number, cells: [, , cell = ''] }) => !tested.has(number) && !isReason(cell))
    .map(({ number }) => `E${number} has no test, and its row does not say why ("none: ...")`);
}

function withoutRow(cases: readonly EdgeCase[], files: readonly SourceFile[]): readonly string[] {
  const known = new Set(cases.map(({ number }) => number));
  return files.flatMap(({ path, text }) =>
    citedNumbers(text)
      .filter(number => !known.has(number))
      .map(number => `E${number} is cited in ${path} and has no row`),
  );
}
