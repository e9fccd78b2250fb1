import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { installationChecks } from '../../src/checks/run-checks.ts';
import { docsUrl } from '../../src/util/docs-url.ts';
import { startHealthyCluster } from '../checks/healthy-cluster.ts';
import { runIrsa } from '../support/run-irsa.ts';
import { createTempFolder } from '../support/temp-folder.ts';

const clusterCommands: readonly (readonly string[])[] = [
  ['check'],
  ['audit', '-A'],
  ['explain', 'pod/web'],
  ['mutate', '-f', '-', '--cluster'],
  ['oidc', 'jwks', '--from-cluster'],
  ['token', 'request', 'a/b'],
  ['trust-policy', '--from-cluster'],
];

describe('a command that cannot ask its cluster', () => {
  test.each(clusterCommands)(
    'ends %s %s with one line about kubeconfigs where there is none (E225)',
    async (...args) => {
      const { code, stdout, stderr } = await runIrsa(args, { stdin: manifest });
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toBe(
        'error: there is no kubeconfig: --kubeconfig and KUBECONFIG name none, and ~/.kube/config does not exist\n',
      );
    },
  );

  test.each([
    {
      what: 'list of accounts',
      message:
        'serviceaccounts is forbidden: User "me" cannot list resource "serviceaccounts" in API group "" in the namespace "shop"',
      line: 'error: a right is missing: list on serviceaccounts in shop (forbidden)\n',
    },
    {
      what: 'path',
      message: 'forbidden: User "me" cannot get path "/openid/v1/jwks"',
      line: 'error: a right is missing: get on the path /openid/v1/jwks (forbidden)\n',
    },
    {
      what: 'refusal of another kind',
      message: 'admission policy "x" says no\nand more',
      line: 'error: the cluster could not be asked: admission policy "x" says no (forbidden)\n',
    },
  ])('names the right that is missing: $what (E226)', async ({ message, line }) => {
    await using cluster = await startHealthyCluster();
    const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason: 'Forbidden', code: 403 };
    cluster.api.answers.set('/openid/v1/jwks', { status: 403, body });
    const { code, stdout, stderr } = await runIrsa(['oidc', 'jwks', '--from-cluster', ...cluster.access.slice(0, 2)]);
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: '', stderr: line });
  });

  test('says in one line where a kubeconfig is no YAML (E227)', async () => {
    await using folder = await createTempFolder();
    const path = await folder.write('config', 'a: b: c\n');
    const { code, stderr } = await runIrsa(['check', '--kubeconfig', path]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: kubeconfig \S+: expected a readable kubeconfig: [^\n]*\(1:5\)\n$/);
  });
});

const manifest = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}';

describe('docsUrl()', () => {
  const root = join(import.meta.dirname, '..', '..');
  const sources = ['src/checks/before-install.ts', 'src/checks/identities.ts', 'src/checks/registration.ts'];

  test.each(sources)('is given pages that exist in %s (E228)', file => {
    const pages = [...readFileSync(join(root, file), 'utf8').matchAll(/docsUrl\('([^'#]+)'\)/g)].map(
      ([, page]) => page,
    );
    expect(pages.length).toBeGreaterThan(0);
    for (const page of pages) expect(existsSync(join(root, 'docs', page ?? ''))).toBe(true);
  });

  test('is the address of the heading of each check (E228)', async () => {
    await using cluster = await startHealthyCluster();
    const { stdout } = await runIrsa(['check', ...cluster.access, '-o', 'json']);
    const { checks } = JSON.parse(stdout) as { readonly checks: readonly { code: string; docs: string }[] };
    expect(checks).toHaveLength(installationChecks.length);
    for (const { code, docs } of checks) expect(docs).toBe(docsUrl(`check.md#${code}`));
  });
});
