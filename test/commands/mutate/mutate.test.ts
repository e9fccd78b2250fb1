import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { irsaProgram, runIrsa, type IrsaOptions, type IrsaResult } from '../../support/run-irsa.ts';
import type { TempFolder } from '../../support/temp-folder.ts';
import { copyInputs } from './support.ts';

let folder: TempFolder;
beforeAll(async () => {
  folder = await copyInputs();
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** With the inputs as working folder, so that their names are the same everywhere. */
const mutate = (args: readonly string[], options: IrsaOptions = {}): Promise<IrsaResult> =>
  runIrsa(['mutate', ...args], { folder: folder.path, ...options });

const input = (name: string): Promise<string> => readFile(join(folder.path, name), 'utf8');

const withAccounts = ['--service-accounts', 'accounts.yaml'];
const rayPaths = [
  '--template-path=RayCluster=spec.headGroupSpec.template',
  '--template-path=RayCluster.ray.io=.spec.workerGroupSpecs[*].template',
];

describe('irsa mutate', () => {
  test.each([
    { name: 'shop.yaml', args: ['-f', 'shop.yaml'] },
    { name: 'shop.json', args: ['-f', 'shop.yaml', '-o', 'json'] },
    { name: 'shop.jsonpatch', args: ['-f', 'shop.yaml', '-o', 'jsonpatch'] },
    { name: 'shop.admissionreview', args: ['-f', 'shop.yaml', '-o', 'admissionreview'] },
    { name: 'shop.diff', args: ['-f', 'shop.yaml', '-o', 'diff'] },
    { name: 'pod.yaml', args: ['-f', 'pod.yaml', ...withAccounts] },
    { name: 'pod.json', args: ['-f', 'pod.yaml', ...withAccounts, '-o', 'json'] },
    { name: 'pod.jsonpatch', args: ['-f', 'pod.yaml', ...withAccounts, '-o', 'jsonpatch'] },
    { name: 'pod.admissionreview', args: ['-f', 'pod.yaml', ...withAccounts, '-o', 'admissionreview'] },
    { name: 'pod.diff', args: ['-f', 'pod.yaml', ...withAccounts, '-o', 'diff'] },
    {
      name: 'pod-settings.yaml',
      args: ['-f', 'pod.yaml', ...withAccounts, '--aws-default-region=eu-west-1', '--sts-regional-endpoint'],
    },
    { name: 'kinds.yaml', args: ['-f', 'kinds.yaml', ...rayPaths] },
    { name: 'kinds.jsonpatch', args: ['-f', 'kinds.yaml', ...rayPaths, '-o', 'jsonpatch'] },
    { name: 'folder.yaml', args: ['-f', 'folder'] },
    { name: 'folder-recursive.diff', args: ['-f', 'folder', '-R', '-o', 'diff'] },
    { name: 'review.admissionreview', args: ['-f', 'review.json', ...withAccounts] },
    { name: 'review.yaml', args: ['-f', 'review.json', ...withAccounts, '-o', 'yaml'] },
    { name: 'review.jsonpatch', args: ['-f', 'review.json', ...withAccounts, '-o', 'jsonpatch'] },
  ])('writes $name', async ({ name, args }) => {
    const { code, stdout, stderr } = await mutate(args);
    await expect(stdout).toMatchFileSnapshot(`golden/${name}.txt`);
    await expect(stderr).toMatchFileSnapshot(`golden/${name}.stderr.txt`);
    expect(code).toBe(0);
  });

  test('means the same in YAML and JSON', async () => {
    const args = ['-f', 'shop.yaml', '-f', 'kinds.yaml', ...rayPaths];
    const [yaml, json] = await Promise.all([mutate(args), mutate([...args, '-o', 'json'])]);
    const documents = parseAllDocuments(yaml?.stdout ?? '', { merge: true }).map(document => document.toJS());
    const items = documents.flatMap(document => (document.kind === 'List' ? document.items : [document]));
    expect(items).toEqual(JSON.parse(json?.stdout ?? '').items);
  });

  test('changes nothing in what it has mutated already', async () => {
    const { stdout } = await mutate(['-f', 'shop.yaml', '-f', 'kinds.yaml', '-f', 'folder', ...rayPaths]);
    const again = await mutate(['-f', '-', ...rayPaths], { stdin: stdout });
    expect(again.stdout).toBe(stdout);
    expect(again.stderr).toContain('Deployment shop/front: left as it is');
    expect(again.stderr).not.toContain('(identity_injected)');
  });

  test('reads standard input, a mapping file and associations', async () => {
    await writeFile(
      join(folder.path, 'mapping.json'),
      '{"other/web": {"RoleARN": "arn:aws:iam::111122223333:role/mapped"}}',
    );
    await writeFile(
      join(folder.path, 'associations.json'),
      '{"identities":[{"namespace":"third","serviceAccount":"web"}]}',
    );
    const pod = (await input('pod.yaml')).replace('  namespace: shop\n', '');
    const files = ['--mapping', 'mapping.json', '--associations', 'associations.json'];
    const mapped = await mutate(['-f', '-', ...files, '-n', 'other'], { stdin: pod });
    expect(mapped.stdout).toContain('arn:aws:iam::111122223333:role/mapped');
    expect(mapped.stderr).toBe(
      'Pod other/web: injected role arn:aws:iam::111122223333:role/mapped from mapping into 1 container (identity_injected)\n' +
        '  note: ServiceAccount other/web is not in the input and is taken to have no role annotation\n',
    );
    const associated = await mutate(['-f', '-', ...files, '-n', 'third', '-o', 'json'], { stdin: pod });
    // The webhook takes any lifetime from 79200 to 86400 seconds.
    expect(associated.stdout).toContain('"expirationSeconds": 82800');
    expect(associated.stdout).toContain('"eks.amazonaws.com/pod-identity": "enabled"');
  });

  test('takes the mapping from a ConfigMap, and a ServiceAccount of the input before one of a file', async () => {
    const account = (role: string): string =>
      `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n  namespace: shop\n  annotations:\n    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/${role}\n`;
    const stdin = `${account('nearer')}---\n${await input('pod.yaml')}`;
    const { stdout } = await mutate(['-f', '-', ...withAccounts, '--mapping', 'shop.yaml'], { stdin });
    expect(stdout).toBe('');
    const nearer = await mutate(['-f', '-', ...withAccounts], { stdin });
    expect(nearer.stderr).toContain('role/nearer');
  });

  test('tells templates of a pod without metadata by the name of their owner, as the controller does', async () => {
    const job = (metadata: string): string =>
      `apiVersion: batch/v1\nkind: Job\nmetadata: {name: nightly}\nspec:\n  template:\n${metadata}    spec:\n      containers:\n      - name: app\n`;
    await writeFile(
      join(folder.path, 'all.json'),
      '{"identities":[{"namespace":"default","serviceAccount":"default"}]}',
    );
    for (const metadata of [
      '',
      '    metadata:\n',
      '    metadata: {}\n',
      '    metadata:\n      labels:\n        a: b\n',
    ]) {
      const { code, stdout } = await mutate(['-f', '-', '--associations', 'all.json'], { stdin: job(metadata) });
      expect(code).toBe(0);
      expect(parseAllDocuments(stdout)[0]?.toJS()).toMatchObject({
        spec: { template: { metadata: { labels: { 'eks.amazonaws.com/pod-identity': 'enabled' } } } },
      });
    }
    await writeFile(
      join(folder.path, 'one.json'),
      '{"default/default": {"RoleARN": "arn:aws:iam::111122223333:role/job"}}',
    );
    const named = await mutate(['-f', '-', '--mapping', 'one.json', '--role-session-name=pod'], { stdin: job('') });
    expect(named.stdout).toContain('fieldPath: metadata.name');
  });
});

describe('irsa mutate leaves every byte as it is where nothing is injected', () => {
  test.each([
    ['carriage returns and a byte order mark', '\uFEFFapiVersion: v1\r\nkind: Pod\r\nspec: {}\r\n'],
    ['nothing', ''],
    ['comments only', '# nothing\n---\n# here\n...\n'],
    ['no line end at the end', '%YAML 1.2\n---\napiVersion: v1\nkind: Service # core\n... # end\n---\n'],
    [
      'odd blanks',
      'apiVersion:   v1   \nkind: "ConfigMap"\n\n\n\ndata:\n     long: >-\n\n       folded\n        more\n   \n',
    ],
    ['JSON', '{"apiVersion":"v1",\n\t"kind":"Pod", "spec": {"containers": []}}'],
  ])('with %s', async (_, written) => {
    // Bytes: whoever reads text loses the byte order mark.
    const { status, stdout } = spawnSync(process.execPath, [irsaProgram, 'mutate', '-f', '-'], { input: written });
    expect(stdout.toString('latin1')).toBe(Buffer.from(written).toString('latin1'));
    expect(status).toBe(0);
  });
});

describe('irsa mutate ends', () => {
  test('with 1 when a pod would be refused', async () => {
    const stdin =
      'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default}\n---\n' +
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: must\n  labels: {eks.amazonaws.com/require-pod-identity: "true"}\nspec: {containers: [{name: app}]}\n';
    const { code, stdout, stderr } = await mutate(['-f', '-'], { stdin });
    expect(stdout).toBe(stdin);
    expect(stderr).toMatch(/^Pod default\/must: would be refused: .*\(identity_required\)\n$/);
    expect(code).toBe(1);
    const review = await mutate(['-f', '-', '-o', 'admissionreview'], { stdin });
    expect(JSON.parse(review.stdout)).toMatchObject({ response: { allowed: false, status: { code: 403 } } });
    expect(review.code).toBe(1);
  });

  test('with 3 when the webhook could not answer', async () => {
    const stdin =
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: must\n  labels: {eks.amazonaws.com/require-pod-identity: "true"}\nspec: {containers: [{name: app}]}\n';
    const { code, stdout, stderr } = await mutate(['-f', '-', '-o', 'admissionreview'], { stdin });
    expect(stdout).toBe('');
    expect(stderr).toContain(
      'error: stdin:1: Pod default/must: the webhook could not answer: ServiceAccount default/default',
    );
    expect(code).toBe(3);
  });

  test.each([
    { args: [], expected: "required option '-f, --filename <path>'" },
    {
      args: ['-f', 'pod.yaml', '-o', 'xml'],
      expected: 'Allowed choices are yaml, json, jsonpatch, admissionreview, diff',
    },
    { args: ['-f', 'pod.yaml', '--ouput', 'json'], expected: '(Did you mean --output?)' },
    { args: ['-f', 'pod.yaml', '--template-path', 'Workflow'], expected: 'error: --template-path: expected KIND=PATH' },
    { args: ['-f', 'pod.yaml', '--context', 'prod'], expected: 'error: --context: expected --cluster with it' },
    { args: ['-f', '-', '--mapping', '-'], expected: 'error: expected - for standard input once, found it more often' },
    { args: ['-f', 'pod.yaml', '--token-expiration=soon'], expected: '--token-expiration' },
  ])('with 2 for $args', async ({ args, expected }) => {
    const { code, stdout, stderr } = await mutate(args);
    expect(stdout).toBe('');
    expect(stderr).toContain(expected);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(code).toBe(2);
  });

  const missing = 'expected a file or folder, found none';
  test.each([
    { what: 'a file that is not there', args: ['-f', 'none.yaml'], expected: `"none.yaml": ${missing}` },
    {
      what: 'an empty folder',
      args: ['-f', 'empty'],
      expected: 'empty: expected files that end in .json, .yaml, .yml, found none',
    },
    {
      what: 'accounts that are not there',
      args: ['-f', 'pod.yaml', '--service-accounts', 'none'],
      expected: `"none": ${missing}`,
    },
    {
      what: 'a mapping that is none',
      args: ['-f', 'pod.yaml', '--mapping', 'shop.yaml'],
      expected: 'shop.yaml:10: expected one document, found more',
    },
    {
      what: 'a mapping without config',
      args: ['-f', 'pod.yaml', '--mapping', '-'],
      stdin: 'apiVersion: v1\nkind: ConfigMap\n',
      expected: 'stdin: expected data.config in the ConfigMap, found none',
    },
    {
      what: 'associations that are none',
      args: ['-f', 'pod.yaml', '--associations', 'pod.yaml'],
      expected: 'pod.yaml: expected {"identities":[{"namespace":"…","serviceAccount":"…"}]}',
    },
    {
      what: 'broken YAML',
      stdin: 'apiVersion: v1\nkind: Pod\n metadata: {}\n',
      expected: 'stdin:2: expected YAML, found: ',
    },
    {
      what: 'a second document that is broken',
      stdin: 'apiVersion: v1\nkind: Pod\n---\na: "b\n',
      expected: 'stdin:5: expected YAML, found: Missing closing "quote',
    },
    { what: 'broken JSON', stdin: '{"apiVersion": "v1",\n "kind": "Pod"', expected: 'stdin:2: expected YAML, found: ' },
    {
      what: 'a text',
      stdin: 'hello\n',
      expected: 'stdin:1: expected a Kubernetes object with apiVersion and kind, found string',
    },
    {
      what: 'a list',
      stdin: '- apiVersion: v1\n',
      expected: 'stdin:1: expected a Kubernetes object with apiVersion and kind, found a list',
    },
    {
      what: 'an object without kind',
      stdin: '\n\napiVersion: v1\n',
      expected: 'stdin:3: expected a Kubernetes object with apiVersion and kind, found one without kind',
    },
    {
      what: 'a template of Helm',
      stdin: 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n  {{- if .x }}\n',
      expected: 'stdin:',
    },
    {
      what: 'a ConfigMap whose mapping is no JSON',
      stdin: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pod-identity-webhook}\ndata: {config: nothing}\n',
      expected: 'stdin:1: data.config: expected a JSON object',
    },
    {
      what: 'an AdmissionReview without request',
      stdin: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}',
      expected: 'stdin:1: AdmissionReview: expected a request object in the AdmissionReview',
    },
    {
      what: 'an alias that would change another container',
      expected: 'stdin:7: expected a document to which lines can be added',
      stdin:
        'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/a"}}\n---\n\n\napiVersion: v1\nkind: Pod\nmetadata:\n  annotations: {eks.amazonaws.com/skip-containers: b}\nspec:\n  containers:\n  - name: a\n    env: &env\n    - name: A\n  - name: b\n    env: *env\n',
    },
  ])('with 3 and one line for $what', async ({ args = ['-f', '-'], stdin, expected }) => {
    const { code, stdout, stderr } = await mutate(args, { stdin: stdin ?? '' });
    expect(stdout).toBe('');
    const lines = stderr.split('\n').filter(line => line !== '' && line.startsWith('error'));
    expect(lines).toHaveLength(1);
    expect(stderr).toContain(`error: ${expected}`);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(code).toBe(3);
  });

  test('with 3 for bytes that are no text', async () => {
    await writeFile(join(folder.path, 'utf16.yaml'), Buffer.from('\uFEFFapiVersion: v1\n', 'utf16le'));
    const { code, stderr } = await mutate(['-f', 'utf16.yaml']);
    expect(stderr).toBe('error: utf16.yaml: expected text in UTF-8, found other bytes\n');
    expect(code).toBe(3);
  });
});
