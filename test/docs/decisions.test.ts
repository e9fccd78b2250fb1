import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findDecisionProblems, parseDecisions } from '../../scripts/docs/decisions.ts';
import { readTree } from '../../scripts/read-tree.ts';

const page = join(import.meta.dirname, '..', '..', 'docs', 'decisions.md');

/** Those that may cite decisions, but for the made-up ones of this file. */
const citing = readTree(
  ['src', 'test', 'docs', 'charts', 'bench', 'scripts', 'deploy'],
  ['.ts', '.md', '.yaml', '.tpl', '.sh'],
).filter(({ path }) => path !== 'test/docs/decisions.test.ts');

describe('docs/decisions.md', () => {
  test('has a section for every decision that is cited', async () => {
    const decisions = parseDecisions(await readFile(page, 'utf8'));
    expect(decisions.length).toBeGreaterThan(20);
    expect(findDecisionProblems(decisions, citing)).toEqual([]);
  });
});

describe('findDecisionProblems()', () => {
  test.each([
    { name: 'nothing', text: '## 1. One\n\n## 3. Three', expected: [] },
    {
      name: 'a decision without a section',
      text: '## 1. One',
      expected: ['decision 3 is cited in src/a.ts and has no section'],
    },
    {
      name: 'a section that comes twice',
      text: '## 3. A\n\n## 3. B',
      expected: ['decision 3 stands behind decision 3'],
    },
    { name: 'sections out of order', text: '## 4. A\n\n## 3. B', expected: ['decision 3 stands behind decision 4'] },
  ])('finds $name', ({ text, expected }) => {
    const files = [{ path: 'src/a.ts', text: '/** As said (decision 3). */' }];
    expect(findDecisionProblems(parseDecisions(text), files)).toEqual(expected);
  });
});
