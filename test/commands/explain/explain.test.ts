import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runIrsa, type IrsaOptions, type IrsaResult } from '../../support/run-irsa.ts';
import { createTempFolder } from '../../support/temp-folder.ts';

const manifests = join(import.meta.dirname, 'manifests');
const utf8 = { LANG: 'C.UTF-8' };

/** With the manifests of this test as working folder, so that their names are the same everywhere. */
const explain = (args: readonly string[], options: IrsaOptions = {}): Promise<IrsaResult> =>
  runIrsa(['explain', ...args], { folder: manifests, ...options });

const golden = (name: string): string => `golden/${name}`;

describe('irsa explain -f', () => {
  test.each([
    { name: 'shop.txt', args: ['-f', 'shop.yaml'], environment: utf8 },
    { name: 'shop-ascii.txt', args: ['-f', 'shop.yaml'], environment: { LANG: 'C' } },
    { name: 'pod.txt', args: ['-f', 'pod.yaml'], environment: utf8 },
    { name: 'pod-colour.txt', args: ['-f', 'pod.yaml', '--color', 'always'], environment: utf8 },
    { name: 'pod.json', args: ['-f', 'pod.yaml', '-o', 'json'], environment: {} },
    { name: 'pod.yaml', args: ['-f', 'pod.yaml', '-o', 'yaml'], environment: {} },
    { name: 'shop.yaml', args: ['-f', 'shop.yaml', '-o', 'yaml'], environment: {} },
    { name: 'account.txt', args: ['-f', 'account.yaml'], environment: utf8 },
    {
      name: 'settings.txt',
      args: [
        '-f',
        'pod.yaml',
        '--aws-default-region',
        'eu-west-1',
        '--sts-regional-endpoint',
        '--role-session-name=pod',
      ],
      environment: { ...utf8, IRSA_TOKEN_AUDIENCE: 'mine' },
    },
  ])('writes $name', async ({ name, args, environment }) => {
    const { code, stdout, stderr } = await explain(args, { environment });
    await expect(stdout).toMatchFileSnapshot(golden(name));
    expect(stderr).toBe(
      args.includes('pod.yaml')
        ? 'warning: pod.yaml:6: data.config: mapping key "broken": expected "namespace/name"\n'
        : '',
    );
    expect(code).toBe(0);
  });

  test('writes the same by JSON and YAML', async () => {
    const [json, yaml] = await Promise.all(['json', 'yaml'].map(format => explain(['-f', 'shop.yaml', '-o', format])));
    expect(parse(yaml?.stdout ?? '')).toEqual(JSON.parse(json?.stdout ?? ''));
    expect(JSON.parse(json?.stdout ?? '')).toMatchObject({ apiVersion: 'irsa/v1', kind: 'ExplanationList' });
  });

  test('reads standard input, more accounts, the mapping and associations', async () => {
    await using folder = await createTempFolder();
    const associations = await folder.write(
      'associations.json',
      '{"identities":[{"namespace":"shop","serviceAccount":"web"}]}',
    );
    const mapping = await folder.write('mapping.json', '{"shop/*":{"RoleARN":"arn:aws:iam::111122223333:role/all"}}');
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'shop' },
      spec: { serviceAccountName: 'web', containers: [{ name: 'c' }] },
    };
    const args = [
      '-f',
      '-',
      '-o',
      'json',
      '--service-accounts',
      'account.yaml',
      '--mapping',
      mapping,
      '--associations',
      associations,
    ];
    const { code, stdout } = await explain(args, { stdin: JSON.stringify(pod) });
    const { subject, sources } = JSON.parse(stdout);
    expect(subject).toEqual({ kind: 'Pod', namespace: 'shop', name: 'a', source: 'stdin:1' });
    expect(sources.map(({ result }: { result: string }) => result)).toEqual(['wins', 'overruled', 'overruled']);
    expect(code).toBe(0);
  });

  test('finds templates of other kinds by --template-path, and takes -n for objects without a namespace', async () => {
    const template = { spec: { containers: [{ name: 'c' }] } };
    const object = {
      apiVersion: 'example.com/v1',
      kind: 'Workflow',
      metadata: { name: 'a' },
      spec: { pods: template },
    };
    const args = ['-f', '-', '-o', 'json', '-n', 'shop', '--template-path', 'Workflow=spec.pods'];
    const { code, stdout } = await explain(args, { stdin: JSON.stringify(object) });
    expect(JSON.parse(stdout)).toMatchObject({
      subject: { kind: 'Workflow', namespace: 'shop' },
      account: { name: 'default' },
    });
    expect(code).toBe(0);
  });

  test('compares a pod that was read from a cluster', async () => {
    const metadata = { name: 'web', namespace: 'shop', uid: 'u', creationTimestamp: '2026-11-01T00:00:00Z' };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { serviceAccountName: 'web', containers: [{ name: 'c' }] },
    };
    const { stdout } = await explain(['-f', '-', '-f', 'account.yaml', '-o', 'json'], { stdin: JSON.stringify(pod) });
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ name: 'identity_missing' }],
      running: { causes: [{ code: 'unknown' }] },
    });
  });

  test('lets no text of a manifest act on the terminal', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a\u001B[2J\u202E' },
      spec: { serviceAccountName: "b'; rm -rf /", containers: [{ name: 'c\n' }] },
    };
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: "b'; rm -rf /" } };
    const { stdout } = await explain(['-f', '-'], {
      stdin: `${JSON.stringify(pod)}\n---\n${JSON.stringify(account)}`,
      environment: utf8,
    });
    expect(stdout).not.toMatch(/[^\P{C}\n]/u);
    expect(stdout).toContain(String.raw`kubectl annotate serviceaccount 'b'\''; rm -rf /' -n default`);
  });
});

describe('irsa explain', () => {
  test('begins its help with examples', async () => {
    const { code, stdout } = await explain(['--help']);
    expect(stdout).toMatch(/^Examples:\n {2}# Why has this pod no identity\?/);
    expect(code).toBe(0);
  });

  test.each([
    ['neither objects nor files', [], 'error: name an object such as pod/web-0, or give -f FILE\n'],
    ['both', ['pod/a', '-f', 'pod.yaml'], 'error: give either objects of the cluster or -f FILE\n'],
    [
      'a name without kind',
      ['web'],
      'error: "web" is not a kind that can be explained: pod, deployment, statefulset, daemonset, replicaset, job, cronjob, serviceaccount\n',
    ],
    ['a kind without name', ['pod/'], 'error: "pod/" is not an object such as pod/web-0\n'],
    [
      'a kind that makes no pods',
      ['service/web'],
      'error: "service" is not a kind that can be explained: pod, deployment, statefulset, daemonset, replicaset, job, cronjob, serviceaccount\n',
    ],
    ['an option for files alone', ['pod/a', '--mapping', 'x'], 'error: --mapping goes with -f FILE only\n'],
    [
      'a path that is none',
      ['-f', 'pod.yaml', '--template-path', 'x'],
      'error: --template-path: expected KIND=PATH as in Workflow=spec.podTemplate, found "x"\n',
    ],
    [
      'a flag with a wrong value',
      ['-f', 'pod.yaml', '--token-expiration=x'],
      'error: --token-expiration: expected an integer of at most 64 bits, found "x"\n',
    ],
  ])('ends with 2 for %s', async (_, args, expected) => {
    expect(await explain(args)).toEqual({ code: 2, stdout: '', stderr: expected });
  });

  test('suggests the nearest option', async () => {
    const { code, stderr } = await explain(['-f', 'pod.yaml', '--outptu', 'json']);
    expect(stderr).toContain('Did you mean --output?');
    expect(code).toBe(2);
  });

  test.each([
    ['a file that is missing', ['-f', 'missing.yaml'], '', '"missing.yaml": '],
    ['broken YAML', ['-f', '-'], 'a: [', 'stdin:1: '],
    ['broken JSON', ['-f', '-'], '{"a":', 'stdin:'],
    ['no object', ['-f', '-'], '- 1\n- 2\n', 'stdin:1: '],
    [
      'nothing',
      ['-f', '-'],
      '',
      'stdin: expected a pod, an object that makes pods, or a ServiceAccount, found nothing',
    ],
    [
      'other objects',
      ['-f', '-'],
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\n',
      'stdin: expected a pod, an object that makes pods, or a ServiceAccount, found 1 other object',
    ],
    ['a broken mapping', ['-f', 'account.yaml', '--mapping', '-'], '[1]', 'stdin: '],
    ['a kubeconfig that is missing', ['pod/a', '--kubeconfig', 'missing'], '', ''],
  ])('ends with 3 and one line for %s', async (_, args, stdin, expected) => {
    const { code, stdout, stderr } = await explain(args, { stdin });
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr.startsWith(`error: ${expected}`)).toBe(true);
    expect(code).toBe(3);
  });

  test('keeps no golden file that nothing reads', async () => {
    const source = await readFile(import.meta.filename, 'utf8');

    const orphans = (await readdir(join(import.meta.dirname, 'golden'))).filter(name => !source.includes(`'${name}'`));
    expect(orphans).toEqual([]);
  });
});

describe('irsa explain --exit-code', () => {
  const role = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/web' };
  const pod = (env: readonly object[] = []): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { serviceAccountName: 'web', containers: [{ name: 'app', env }] },
  });
  const account = (annotations: object): object => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'web', annotations },
  });

  test.each([
    ['0 for a pod that gets its identity', [pod(), account(role)], 0],
    ['1 for one with access keys', [pod([{ name: 'AWS_ACCESS_KEY_ID', value: 'x' }]), account(role)], 1],
    ['1 for one without identity', [pod(), account({})], 1],
    ['1 for a role that is none', [pod(), account({ 'eks.amazonaws.com/role-arn': 'refund' })], 1],
    ['3 for one whose account is not in the input', [pod()], 3],
  ])('E217: is %s', async (_, items, expected) => {
    const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    expect((await explain(['-f', '-', '--exit-code'], { stdin })).code).toBe(expected);
    expect((await explain(['-f', '-'], { stdin })).code).toBe(0);
  });
});
