import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { applyEdits, type TextEdit } from '../../src/manifests/source-position.ts';
import { unifiedDiff } from '../../src/manifests/unified-diff.ts';
import { createTempFolder } from '../support/temp-folder.ts';

const numbered = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');
const at = (text: string, needle: string): number => text.indexOf(needle);
const insert = (offset: number, text: string): TextEdit => ({ offset, removed: 0, text });

const long = numbered(30);
const open = 'a: 1\nb: 2';

describe('`unifiedDiff()`', () => {
  test.each([
    ['a line between others', long, [insert(at(long, 'line 15\n'), 'new\n')]],
    ['the first line', long, [insert(0, 'new\n')]],
    ['lines behind the last', long, [insert(long.length, 'new\nnewer\n')]],
    ['a change within a line', long, [insert(at(long, '15') + 1, 'x')]],
    ['a word that goes', long, [{ offset: at(long, '15'), removed: 2, text: '' }]],
    ['lines in place of a word', long, [{ offset: at(long, ' 15'), removed: 3, text: '\n  a\n  b' }]],
    ['two places far apart', long, [insert(at(long, 'line 25\n'), 'new\n'), insert(at(long, 'line 5\n'), 'new\n')]],
    [
      'two places close together',
      long,
      [insert(at(long, 'line 12\n'), 'new\n'), insert(at(long, 'line 5\n'), 'new\n')],
    ],
    ['two changes of one line', long, [insert(at(long, 'line 12\n'), 'new\n'), insert(at(long, 'line 12\n') + 4, 'x')]],
    ['a text without an end of its last line', open, [insert(open.length, '\nc: 3')]],
    ['lines that end as on Windows', 'a\r\nb\r\nc\r\n', [insert(3, 'new\r\n')]],
    ['a text of one line', '{"a": []}', [insert(7, '1')]],
  ])('is what git applies: %s', async (_, text, edits) => {
    await using folder = await createTempFolder();
    const file = await folder.write('file.yaml', text);
    const diff = unifiedDiff('file.yaml', text, edits);
    await folder.write('change.diff', diff);
    execFileSync('git', ['apply', '-p0', 'change.diff'], { cwd: folder.path, stdio: 'pipe' });
    expect(await readFile(file, 'utf8')).toBe(applyEdits(text, edits));
  });

  test('is empty where nothing changes', () => {
    expect(unifiedDiff('file.yaml', long, [])).toBe('');
  });

  test('shows three lines around, and only what changed as changed', () => {
    const diff = unifiedDiff('file.yaml', long, [insert(at(long, 'line 15\n'), 'new\n')]);
    expect(diff).toBe(
      '--- file.yaml\n+++ file.yaml\n@@ -12,6 +12,7 @@\n line 12\n line 13\n line 14\n+new\n line 15\n line 16\n line 17\n',
    );
  });
});
