import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const page = await readFile(join(root, 'docs', 'security.md'), 'utf8');

interface Claim {
  readonly file: string;
  /** What the name of the test begins with, or holds. */
  readonly names: readonly string[];
}

/** A file in backquotes, a colon, and names with semicolons between them, up to the bracket or the cell's end. */
const reference = /`(?<file>test\/[\w/-]+\.test\.ts)`: (?<names>(?:(?!; `test\/)[^|`)])+)/g;

const claims: readonly Claim[] = [...page.matchAll(reference)].map(({ groups }) => ({
  file: groups?.['file'] ?? '',
  names: (groups?.['names'] ?? '').split(';').map(name => name.replaceAll(/\s+/g, ' ').trim()),
}));

describe('docs/security.md', () => {
  test('ties its claims to tests', () => {
    expect(claims.length).toBe(page.match(/`test\/[\w/-]+\.test\.ts`: /g)?.length);
    expect(claims.length).toBeGreaterThan(25);
  });

  test.each(claims)('names tests of $file that exist: $names', async ({ file, names }) => {
    const text = await readFile(join(root, file), 'utf8');
    for (const name of names) expect(text).toContain(name);
  });
});
