import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  citedNumbers,
  citingFiles,
  fillTests,
  findProblems,
  numberedTests,
  parseEdgeCases,
  testsIn,
} from '../../scripts/docs/edge-cases.ts';

const page = join(import.meta.dirname, '..', '..', 'docs', 'edge-cases.md');

describe('docs/edge-cases.md', () => {
  test('has a row for every number that is cited, and a test for every row', async () => {
    const cases = parseEdgeCases(await readFile(page, 'utf8'));
    expect(cases.length).toBeGreaterThan(140);
    expect(findProblems(cases, citingFiles(), numberedTests())).toEqual([]);
  });
});

describe('findProblems()', () => {
  const fine = '| E1 | a | b | |\n| E2 | a | b | none: the kernel does it |';
  const tests = [{ numbers: [1, 3], file: 'x.test.ts', title: 'x' }];

  test.each([
    { name: 'nothing', given: fine, expected: [] },
    {
      name: 'a number without a row',
      given: '| E2 | a | b | none: x |',
      expected: ['E1 is cited in src/a.ts and has no row'],
    },
    {
      name: 'a row without a test or a reason',
      given: fine.replace('none: the kernel does it ', ''),
      expected: ['E2 has no test, and its row does not say why ("none: ...")'],
    },
    { name: 'a row that comes twice', given: `${fine}\n| E2 | a | b | none: x |`, expected: ['E2 stands behind E2'] },
    { name: 'rows out of order', given: fine.split('\n').toReversed().join('\n'), expected: ['E1 stands behind E2'] },
    {
      name: 'a row without an expectation',
      given: fine.replace('| b | |', '| | |'),
      expected: ['E1 has no situation or no expectation'],
    },
  ])('finds $name', ({ given, expected }) => {
    expect(findProblems(parseEdgeCases(given), [{ path: 'src/a.ts', text: '// (E1)' }], tests)).toEqual(expected);
  });
});

describe('fillTests()', () => {
  const tests = [
    { numbers: [1], file: 'a.test.ts', title: 'one' },
    { numbers: [1, 2], file: 'a.test.ts', title: '__two__ | more' },
    { numbers: [1], file: 'b.test.ts', title: 'three' },
    { numbers: [1], file: 'b.test.ts', title: 'three' },
  ];

  test.each([
    {
      name: 'the tests of a row, each once, by file',
      given: '| E1 | a | b | old |',
      expected: String.raw`| E1 | a | b | ${'`a.test.ts`'}: one; \_\_two\_\_ \| more<br>${'`b.test.ts`'}: three |`,
    },
    { name: 'nothing where a test has gone', given: '| E3 | a | b | old |', expected: '| E3 | a | b |  |' },
    { name: 'the reason again', given: '| E3 | a | b | none: x |', expected: '| E3 | a | b | none: x |' },
    { name: 'other lines again', given: '| number | a | b | old |', expected: '| number | a | b | old |' },
  ])('writes $name', ({ given, expected }) => {
    expect(fillTests(given, tests)).toBe(expected);
    expect(fillTests(expected, tests)).toBe(expected);
  });
});

describe('testsIn()', () => {
  test.each([
    { text: "test('E1 E2: it does', () => {", numbers: [1, 2], title: 'it does' },
    { text: 'test("it does (E1, E2)", () => {', numbers: [1, 2], title: 'it does' },
    { text: "  ])('it does: $name (E1, fault 3)', () => {", numbers: [1], title: 'it does: $name' },
    { text: "  { name: `E1: it's ${kind}`, pod }", numbers: [1], title: "it's ${kind}" },
    { text: String.raw`test('E1: it\'s', () => {`, numbers: [1], title: "it's" },
  ])('reads $text', ({ text, numbers, title }) => {
    expect(testsIn({ path: 'test/x.test.ts', text })).toEqual([{ numbers, file: 'x.test.ts', title }]);
  });

  test.each([
    "// 'E1: it does'",
    "/** 'it does (E1)' */",
    "test('it does as E1 says', () => {",
    "test('does (fault 3)')",
  ])('reads nothing in %s', text => {
    expect(testsIn({ path: 'test/x.test.ts', text })).toEqual([]);
  });
});

test.each([
  { text: 'as in E1, E3 and E1', numbers: [1, 3] },
  { text: 'E20–E22', numbers: [20, 21, 22] },
  { text: 'XE1 E1x 0xE1', numbers: [] },
])('citedNumbers() finds $numbers in $text', ({ text, numbers }) => {
  expect(citedNumbers(text)).toEqual(numbers);
});
