import { access, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pinnedKubernetesVersion } from '../support/cluster/go-module.ts';
import { kubernetesVersion } from '../e2e/machine/kubernetes-version.ts';
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

describe('CONTRIBUTING.md', () => {
  test('names files and folders that exist', async () => {
    const text = await readFile(join(root, 'CONTRIBUTING.md'), 'utf8');
    const paths = [...text.matchAll(/`((?:src|test|scripts|charts|docs|bench)\/[\w./-]*)`/g)].map(
      match => match[1] ?? '',
    );
    expect(paths.length).toBeGreaterThan(50);
    for (const path of paths) await access(join(root, path));
  });
});

describe('the table of Kubernetes versions in README.md', () => {
  test('names what make test and make test-versions run', async () => {
    const [readme = '', makefile = ''] = await Promise.all(
      ['README.md', 'Makefile'].map(name => readFile(join(root, name), 'utf8')),
    );
    const rows = [...readme.matchAll(/^\| (1\.\d+\.\d+) \| (.*?) \|/gm)].map(([, version, by]) => ({ version, by }));
    const others = /^other_versions := (.*)$/m.exec(makefile)?.[1]?.split(' ') ?? [];
    const pinned = await pinnedKubernetesVersion();
    expect(await kubernetesVersion()).toBe(pinned);
    expect(rows).toEqual([
      { version: pinned, by: '`make test`, `make e2e`' },
      ...others.map(version => ({ version, by: '`make test-versions`' })),
    ]);
  });

  test('says from when on the chart can be installed', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const chart = await readFile(join(root, 'charts', 'irsa-webhook', 'Chart.yaml'), 'utf8');
    const oldest = /^kubeVersion: '>=(\d+\.\d+)\.0-0'$/m.exec(chart)?.[1];
    expect(readme).toContain(`The chart needs Kubernetes ${oldest} or newer.`);
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
