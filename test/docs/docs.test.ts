import { access, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedDocs } from '../../scripts/docs/generated-docs.ts';

const root = join(import.meta.dirname, '..', '..');
const docs = await readdir(join(root, 'docs'), { recursive: true });
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...docs.filter(name => name.endsWith('.md')).map(name => `docs/${name}`),
];

describe('documentation', () => {
  test.each(generatedDocs)('$path says what the code says (make docs writes it anew)', async ({ path, render }) => {
    expect(await readFile(join(root, path), 'utf8')).toBe(render());
  });

  test.each(pages)('%s links to files and headings that exist', async page => {
    const text = await readFile(join(root, page), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    for (const [, path = '', heading] of links) {
      const target = path === '' ? join(root, page) : join(root, dirname(page), path);
      await access(target);
      if (heading !== undefined) expect(headings(await readFile(target, 'utf8'))).toContain(heading);
    }
  });

  test.each(pages)('%s names no make target that does not exist', async page => {
    const [text, makefile] = await Promise.all([page, 'Makefile'].map(name => readFile(join(root, name), 'utf8')));
    const targets = [...(text ?? '').matchAll(/(?:^|`)make ([a-z][a-z0-9-]*)/gm)].map(match => match[1]);
    for (const target of targets) expect(makefile).toMatch(new RegExp(`^${target}:`, 'm'));
  });
});

/** The anchors that GitHub makes of headings. */
function headings(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(match =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}
