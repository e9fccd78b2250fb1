import { describe, expect, test } from 'vitest';
import { flagsMarkdown, helpText } from '../../src/configuration/help-text.ts';
import { parseServeArguments } from '../../src/configuration/parse-serve-arguments.ts';
import { serveRows, serveTable } from '../../src/configuration/serve-settings.ts';
import { environmentName } from '../../src/configuration/setting.ts';
import { expectKind } from './parse.ts';

describe('helpText()', () => {
  const text = helpText(serveTable);

  test('is the text that was agreed on', async () => {
    await expect(text).toMatchFileSnapshot('help.txt');
  });

  test('is what --help gives', () => {
    expect(expectKind(parseServeArguments(['--help'], {}), 'help').text).toBe(text);
  });

  test('begins with examples, and each of them works', () => {
    expect(text.startsWith('Examples:\n')).toBe(true);
    const examples = text.split('\n').filter(line => /^ {2}(?:IRSA_\w+=\S+ )*irsa serve --/.test(line));
    expect(examples.length).toBeGreaterThanOrEqual(3);
    for (const example of examples) {
      const words = example.trim().split(' ');
      const start = words.indexOf('irsa');
      const environment = Object.fromEntries(words.slice(0, start).map(word => word.split('=')));
      const outcome = parseServeArguments(words.slice(start + 2), environment);
      expect(expectKind(outcome, 'settings').notices).toEqual([]);
    }
  });

  test('names every flag once, in the order of the groups', () => {
    const table = text.slice(text.indexOf(`${serveTable[0]?.title}:`));
    const headings = table.split('\n').filter(line => /^ {2}\S/.test(line));
    const named = headings.flatMap(line => line.match(/--[\w-]+/g) ?? []);
    expect(named).toEqual(serveRows.map(({ name }) => `--${name}`));
  });

  test('has lines that fit, but where a flag and its default are long', () => {
    const long = text.split('\n').filter(line => line.length > 100);
    expect(long).toEqual([expect.stringContaining('--container-credentials-token-mount-path string (default ')]);
  });
});

describe('flagsMarkdown()', () => {
  const markdown = flagsMarkdown(serveTable);
  const rows = markdown.split('\n').filter(line => line.startsWith('| `'));

  test('has one row of five cells for every setting', () => {
    expect(rows).toHaveLength(serveRows.length);
    for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(7);
  });

  test('shows flag, type, default, environment and meaning', () => {
    expect(rows).toContain(
      '| `--port` | int | `443` | `IRSA_PORT` | Listen for the API server on this port, with TLS; 0 takes any free port. |',
    );
    expect(rows).toContain(
      '| `--log-level` | `debug`, `info`, `warn`, `error` | `info` | `IRSA_LOG_LEVEL` | Least important lines to log. |',
    );
    expect(rows).toContain('| `-h, --help` | bool | `false` |  | Show this text and exit. |');
    expect(rows).toContain('| `--log_dir` | string |  | `IRSA_LOG_DIR` | Accepted, has no effect. |');
  });

  test('keeps what would be markup from being it', () => {
    expect(rows.find(row => row.includes('exempt-namespaces'))).toContain(String.raw`\* for any characters`);
  });

  test('has a heading for every group, in the order of the table', () => {
    const headings = markdown.split('\n').filter(line => line.startsWith('## '));
    expect(headings).toEqual(serveTable.map(({ title }) => `## ${title}`));
  });

  test('names every environment variable', () => {
    for (const row of serveRows) {
      const variable = environmentName(row);
      if (variable !== undefined) expect(markdown).toContain(`\`${variable}\``);
    }
  });
});
