import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const page = await readFile(join(root, 'docs', 'troubleshooting.md'), 'utf8');

/** The messages of the log's levels warn and error, which are literals in the sources. */
async function loggedMessages(): Promise<readonly string[]> {
  const folder = join(root, 'src');
  const files = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.ts'));
  const texts = await Promise.all(files.map(name => readFile(join(folder, name), 'utf8')));
  const calls = /(?:\.(?:warn|error)\(|warnSometimes\((?:'[^']*'|`[^`]*`),)\s*'(?<message>[A-Z][^']*\.|[A-Z][^']*\?)'/g;
  return [...new Set(texts.flatMap(text => [...text.matchAll(calls)].map(match => match.groups?.['message'] ?? '')))];
}

const messages = await loggedMessages();

describe('docs/troubleshooting.md', () => {
  test('is compared with messages that were found', () => {
    expect(messages.length).toBeGreaterThan(15);
    expect(messages).toContain('Watch failed.');
  });

  test.each(messages)('says what to do about "%s"', message => {
    expect(page).toContain(`| \`${message}\` |`);
  });

  test('explains no message that is not logged', () => {
    const section = page.slice(page.indexOf('## What the webhook logs'), page.indexOf('## Codes'));
    const explained = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(match => match[1] ?? '');
    expect(explained.toSorted()).toEqual(messages.toSorted());
  });
});
