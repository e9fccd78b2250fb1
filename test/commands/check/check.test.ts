import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { version } from '../../../src/commands/command-io.ts';
import { installationChecks, preInstallationChecks } from '../../../src/checks/run-checks.ts';
import { bundle, deployment, gone, metrics, refusal, type Change } from '../../checks/changes.ts';
import { startHealthyCluster, webhookMetrics, withEntries, type HealthyCluster } from '../../checks/healthy-cluster.ts';
import { awsManifests } from '../../cluster/manifests.ts';
import { runIrsa, type IrsaOptions, type IrsaResult } from '../../support/run-irsa.ts';

async function check(
  cluster: HealthyCluster,
  args: readonly string[] = [],
  options: IrsaOptions = {},
): Promise<IrsaResult> {
  const environment = { ...cluster.issuer.environment, ...options.environment };
  const result = await runIrsa(['check', ...cluster.access, ...args], { ...options, environment });
  return { ...result, stdout: plain(result.stdout), stderr: plain(result.stderr) };
}

/** What differs from run to run: ports, days, and the version. */
function plain(text: string): string {
  return text
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\b\d{4}-\d{2}-\d{2}\b/g, 'DAY')
    .replaceAll(version, 'VERSION');
}

const golden = (name: string): string => join('golden', name);

/** A cluster where much is wrong. */
const broken: readonly Change[] = [
  bundle(''),
  deployment(spec => ({ ...spec, replicas: 1 })),
  metrics(webhookMetrics({ inSync: 0, endsInSeconds: -1, running: '0.0.1' })),
  gone('PodDisruptionBudget', 'irsa-webhook'),
  cluster =>
    cluster.api.answers.set('/version', { status: 200, body: { major: '1', minor: '27', gitVersion: 'v1.27.1' } }),
  cluster =>
    cluster.change('MutatingWebhookConfiguration', 'irsa-webhook', object =>
      withEntries(object, entry => ({ ...entry, failurePolicy: 'Fail', namespaceSelector: {} })),
    ),
  cluster =>
    cluster.api.creations.unshift(({ path }) =>
      path.endsWith('/pods')
        ? { status: 500, body: refusal('failed calling webhook "x":\n\u001b[31m EOF') }
        : undefined,
    ),
];

describe('irsa check', () => {
  test.each<{ file: string; args: readonly string[]; options?: IrsaOptions }>([
    { file: 'healthy.txt', args: [] },
    { file: 'healthy-utf-8.txt', args: ['--color', 'always'], options: { environment: { LANG: 'en_US.UTF-8' } } },
    { file: 'healthy-short.txt', args: ['-o', 'short'] },
    { file: 'healthy.json', args: ['-o', 'json'] },
  ])('writes $file and exits with 0 when all is well', async ({ file, args, options }) => {
    await using cluster = await startHealthyCluster();
    const { code, stdout, stderr } = await check(cluster, args, options);
    await expect(stdout).toMatchFileSnapshot(golden(file));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.each([
    { file: 'broken.txt', args: [] },
    { file: 'broken-short.txt', args: ['-o', 'short'] },
    { file: 'broken.json', args: ['-o', 'json'] },
  ])('writes $file and exits with 1 when checks fail', async ({ file, args }) => {
    await using cluster = await startHealthyCluster();
    for (const change of broken) change(cluster);
    const { code, stdout, stderr } = await check(cluster, args);
    await expect(stdout).toMatchFileSnapshot(golden(file));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });

  test.each<{ file: string; change: Change; code: number }>([
    { file: 'none.txt', change: gone('MutatingWebhookConfiguration', 'irsa-webhook'), code: 1 },
    {
      file: 'aws.txt',
      change: ({ api }) => {
        api.objects.length = 0;
        api.objects.push(...awsManifests());
      },
      code: 1,
    },
  ])('writes $file and exits with $code', async ({ file, change, code }) => {
    await using cluster = await startHealthyCluster();
    change(cluster);
    const result = await check(cluster);
    await expect(result.stdout).toMatchFileSnapshot(golden(file));
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code, stderr: '' });
  });

  test.each([
    { args: [], file: 'forbidden.txt' },
    { args: ['--pre'], file: 'forbidden-pre.txt' },
  ])('exits with 3 and names the rights where $args may see nothing of the webhook (E222)', async ({ args, file }) => {
    await using cluster = await startHealthyCluster();
    cluster.api.forbidden.push('/apis/', '/api/v1/namespaces/', '/api/v1/serviceaccounts', '/metrics');
    const { code, stdout, stderr } = await check(cluster, args);
    await expect(stdout).toMatchFileSnapshot(golden(file));
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: nothing of the webhook may be seen: needs get on the path \/apis\/\S+.*\n$/);
  });

  test('exits with 3 where the namespace does not exist, but not before an installation (E222)', async () => {
    await using cluster = await startHealthyCluster();
    const { code, stdout, stderr } = await check(cluster, ['-n', 'tpyo']);
    expect({ code, stdout, stderr }).toEqual({
      code: 3,
      stdout: '',
      stderr: 'error: namespace "tpyo" does not exist\n',
    });
    gone('MutatingWebhookConfiguration', 'irsa-webhook')(cluster);
    expect((await check(cluster, ['--pre', '-n', 'tpyo'])).code).toBe(0);
  });

  test('exits with 1 for a warning when it is to fail on those', async () => {
    await using cluster = await startHealthyCluster();
    deployment(spec => ({ ...spec, replicas: 1 }))(cluster);
    expect((await check(cluster, ['-o', 'short'])).code).toBe(0);
    expect((await check(cluster, ['--fail-on', 'warning', '-o', 'short'])).code).toBe(1);
  });

  test('--pre looks at a cluster before an installation', async () => {
    await using cluster = await startHealthyCluster();
    gone('MutatingWebhookConfiguration', 'irsa-webhook')(cluster);
    const { code, stdout, stderr } = await check(cluster, ['--pre', '-n', 'team-a']);
    await expect(stdout).toMatchFileSnapshot(golden('pre.txt'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('--wait ends as soon as all is well', async () => {
    await using cluster = await startHealthyCluster();
    let asked = 0;
    cluster.api.creations.unshift(({ path }) => {
      if (!path.endsWith('/pods')) return undefined;
      asked += 1;
      return asked > 1 ? undefined : { status: 201, body: { spec: { containers: [{ name: 'check' }] } } };
    });
    const { code, stdout } = await check(cluster, ['--wait', '60s', '-o', 'short']);
    expect(code).toBe(0);
    expect(stdout).not.toContain('dry-run-pod');
    expect(asked).toBe(2);
  });

  test('--wait tells what is wrong when the time is over', async () => {
    await using cluster = await startHealthyCluster();
    cluster.change('Deployment', 'irsa-webhook', object => ({ ...object, status: {} }));
    const { code, stdout } = await check(cluster, ['--wait', '1s', '-o', 'short']);
    expect(code).toBe(1);
    expect(stdout).toContain('xx deployment-available: ');
  });

  test('exits with 3 and one line when the cluster cannot be asked', async () => {
    await using cluster = await startHealthyCluster();
    await cluster.api[Symbol.asyncDispose]();
    const { code, stdout, stderr } = await check(cluster);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^error: the cluster could not be asked: .*ECONNREFUSED.*\n$/);
  });

  test('exits with 3 and one line when the CA of the issuer cannot be read', async () => {
    await using cluster = await startHealthyCluster();
    const { code, stderr } = await check(cluster, ['--issuer-ca', '/nonexistent/ca.crt']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: --issuer-ca: expected a PEM file: .*ENOENT.*\n$/);
  });

  test.each([
    { args: ['--wait', 'soon'], line: 'error: --wait: expected a duration such as 60s or 5m, found "soon"\n' },
    { args: ['-o', 'yaml'], line: "error: option '-o, --output <format>' argument 'yaml' is invalid." },
    { args: ['--pres'], line: "error: unknown option '--pres'\n(Did you mean --pre?)" },
  ])('exits with 2 for $args', async ({ args, line }) => {
    const { code, stdout, stderr } = await runIrsa(['check', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(line);
  });
});

describe('docs/check.md', () => {
  test('has one heading for each check, in their order', async () => {
    const text = await readFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'check.md'), 'utf8');
    const headings = Array.from(text.matchAll(/^### (.*)$/gm), ([, heading]) => heading);
    const codes = [...installationChecks, ...preInstallationChecks].map(({ code }) => code);
    expect(headings).toEqual([...new Set(codes)]);
  });
});
