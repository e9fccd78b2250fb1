import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { createTempFolder } from '../../support/temp-folder.ts';
import { runIrsa, type IrsaResult } from '../../support/run-irsa.ts';
import { pod } from '../../audit/support.ts';
import { dumpItems, dumpJson } from './dump.ts';

const golden = (name: string): string => join(import.meta.dirname, 'golden', name);

function auditDump(args: readonly string[] = [], stdin: string = dumpJson): Promise<IrsaResult> {
  return runIrsa(['audit', '-f', '-', ...args], { stdin });
}

/** The one thing that differs from run to run. */
function withoutTime(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '2026-11-24T10:00:00.000Z');
}

describe('irsa audit -f', () => {
  test.each([
    { args: [], name: 'table.txt' },
    { args: ['-o', 'wide'], name: 'wide.txt' },
    { args: ['--no-headers', '--color', 'always'], name: 'colour.txt' },
    { args: ['-o', 'json'], name: 'json.txt' },
    { args: ['-o', 'yaml'], name: 'yaml.txt' },
    { args: ['-o', 'sarif'], name: 'sarif.txt' },
    { args: ['--remedy'], name: 'remedy.sh' },
  ])('writes $name when called with $args', async ({ args, name }) => {
    const { code, stdout, stderr } = await auditDump(args);
    await expect(withoutTime(stdout)).toMatchFileSnapshot(golden(name));
    await expect(stderr).toMatchFileSnapshot(golden('stderr.txt'));
    expect(code).toBe(1);
  });

  test('writes the same report in JSON and in YAML', async () => {
    const [json, yaml] = await Promise.all(['json', 'yaml'].map(format => auditDump(['-o', format])));
    expect(parse(withoutTime(yaml?.stdout ?? ''))).toEqual(JSON.parse(withoutTime(json?.stdout ?? '')));
  });

  test('reads a file, a folder, YAML documents and a list of the API alike', async () => {
    await using folder = await createTempFolder();
    const pods = dumpItems.filter(item => 'kind' in item && item.kind === 'Pod');
    const others = dumpItems.filter(item => !pods.includes(item));
    const podList = {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: {},
      items: pods.map(item => ({ ...item, kind: undefined, apiVersion: undefined })),
    };
    const json = await folder.write('dump.json', `\uFEFF${dumpJson}`);
    const yaml = await folder.write('dump.yaml', stringify(JSON.parse(dumpJson)));
    const documents = await folder.write('documents.yaml', dumpItems.map(item => stringify(item)).join('---\n'));
    const raw = await folder.write('pods.json', JSON.stringify(podList));
    const rest = await folder.write('rest.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: others }));
    await using split = await createTempFolder();
    await Promise.all(dumpItems.map((item, index) => split.write(`${index}.json`, JSON.stringify(item))));
    const expected = await auditDump();
    for (const files of [[json], [yaml], [documents], [raw, rest], [split.path]]) {
      const { stdout } = await runIrsa(['audit', ...files.flatMap(file => ['-f', file])]);
      expect(stdout).toBe(expected.stdout);
    }
  });

  test.each([
    { args: ['--fail-on', 'error'], code: 1 },
    { args: ['--fail-on', 'never'], code: 0 },
    { args: ['--exit-zero'], code: 0 },
    { args: ['--suppress', 'IRSA00*'], code: 2 },
    { args: ['--suppress', '*'], code: 0 },
    { args: ['-l', 'app=none'], code: 0 },
    { args: ['-l', 'app=none', '--fail-on', 'warning'], code: 1 },
    { args: ['-l', 'app=none', '--fail-on', 'warning', '--suppress', 'IRSA005=ns/*'], code: 0 },
    { args: ['-l', 'app=db', '--suppress', 'IRSA002=ns/db', '--suppress', 'IRSA005'], code: 0 },
    { args: ['-l', 'app in (web, db)', '--suppress', 'IRSA001'], code: 1 },
    { args: ['-n', 'other'], code: 3 },
  ])('ends with $code when called with $args', async ({ args, code }) => {
    expect((await auditDump(args)).code).toBe(code);
  });

  test.each([
    { failOn: 'error', code: 0 },
    { failOn: 'warning', code: 0 },
    { failOn: 'info', code: 1 },
  ])('ends with $code when only an info is found and --fail-on is $failOn', async ({ failOn, code }) => {
    const suppressed = ['IRSA001', 'IRSA002', 'IRSA003', 'IRSA004', 'IRSA005'];
    expect((await auditDump(['--fail-on', failOn, ...suppressed.flatMap(code => ['--suppress', code])])).code).toBe(
      code,
    );
  });

  test('writes nothing but the totals when nothing is found', async () => {
    const { code, stdout, stderr } = await auditDump(['--suppress', '*', '-l', 'app=none']);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: expect.stringContaining('0 pods') });
  });

  test('E208: ends with 3 and one line when no ServiceAccounts are in the input', async () => {
    const { code, stdout, stderr } = await auditDump([], JSON.stringify(pod()));
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(
      /^error: -: the ServiceAccounts of the pods are not in the input \(namespaces ns\): [^\n]+\n$/,
    );
  });

  test('judges no pods of a namespace whose ServiceAccounts are not in the input', async () => {
    const other = pod({ name: 'other', metadata: { namespace: 'other' } });
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace: 'other' } };
    const items = [pod(), other, account];
    const { code, stdout, stderr } = await auditDump([], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(
      'warning: pods are not judged whose ServiceAccounts are not in the input: namespaces ns\n',
    );
    expect(stderr).toContain('1 pod not judged');
  });

  test('heeds --mapping, --associations and the flags of the webhook', async () => {
    await using folder = await createTempFolder();
    const mapping = await folder.write(
      'mapping.json',
      JSON.stringify({ 'ns/plain': { RoleARN: 'arn:aws:iam::111122223333:role/plain' } }),
    );
    const associations = await folder.write(
      'associations.json',
      JSON.stringify({ identities: [{ namespace: 'ns', serviceAccount: 'plain' }] }),
    );
    const codes = async (...args: string[]): Promise<readonly string[]> => {
      const { stdout } = await auditDump(['-o', 'json', ...args]);
      return JSON.parse(stdout).findings.map(
        ({ code, object }: { code: string; object: { name: string } }) => `${code} ${object.name}`,
      );
    };
    expect(await codes('--mapping', mapping)).toContain('IRSA002 alone');
    expect(await codes('--associations', associations)).toContain('IRSA002 alone');
    expect(await codes('--aws-default-region=eu-west-1')).toContain('IRSA014 fine');
    expect(await codes('--exempt-namespaces', 'ns')).toEqual(['IRSA005 idle', 'IRSA007 idle']);
  });

  test.each([
    { args: ['--fail-on', 'fatal'], line: /^error: option '--fail-on <severity>' argument 'fatal' is invalid/ },
    { args: ['--remedy', '-o', 'json'], line: /^error: option '--remedy' cannot be used with option '-o/ },
    { args: ['--suppress', 'IRSA999'], line: /^error: --suppress: expected one of IRSA001, .* found "IRSA999"$/ },
    { args: ['--suppres', 'IRSA001'], line: /^error: unknown option '--suppres'/ },
    { args: ['-A', '-n', 'ns'], line: /^error: expected -A or -n NAMESPACE, found both$/ },
    { args: ['-l', 'app=='.repeat(2)], line: /^error: --selector: expected labels such as/ },
    { args: ['--token-expiration', 'soon'], line: /^--token-expiration|^error: .*token-expiration/ },
    { args: ['nonsense'], line: /^error: too many arguments/ },
  ])('ends with 2 and one line when called with $args', async ({ args, line }) => {
    const { code, stdout, stderr } = await auditDump(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n')[0]).toMatch(line);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  const list = (items: string): string => `{"apiVersion":"v1","kind":"List","items":[\n${items}]}`;
  const fine = JSON.stringify(pod());
  test.each([
    { what: 'nothing', text: '', line: /expected running pods, found none/ },
    {
      what: 'no pods',
      text: list('{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"x"}}'),
      line: /expected running pods, found none/,
    },
    {
      what: 'no object',
      text: '[1, 2]',
      line: /stdin:1: expected a Kubernetes object with apiVersion and kind, found a list/,
    },
    {
      what: 'a text',
      text: 'hello',
      line: /stdin:1: expected a Kubernetes object with apiVersion and kind, found string/,
    },
    {
      what: 'a list that is cut off',
      text: list(fine).slice(0, -9),
      line: /stdin:\d+: expected more JSON, found the end of the input/,
    },
    {
      what: 'a broken object',
      text: list(`${fine},\n{"secret": hunter2}`),
      line: /stdin:3: expected JSON, found something else in the object that begins here$/,
    },
    {
      what: 'a number in the list',
      text: list('1'),
      line: /stdin:2: expected an object or the end of items, found neither/,
    },
    { what: 'no comma', text: list(`${fine}\n${fine}`), line: /stdin:3: expected an object or the end of items/ },
    { what: 'a comma too many', text: list(`${fine},\n`), line: /stdin:3: expected an object or the end of items/ },
    {
      what: 'items of something else',
      text: list(fine).replace('"List"', '"Pod"'),
      line: /stdin:1: expected a kind List/,
    },
    {
      what: 'two documents',
      text: `${list(fine)}\n{}`,
      line: /stdin:3: expected one JSON object, found more or something else/,
    },
    {
      what: 'deep nesting',
      text: `{"a":${'['.repeat(1_000)}`,
      line: /stdin:1: expected at most 200 levels, found more/,
    },
    { what: 'broken YAML', text: 'kind: Pod\n  a: b\n', line: /^error: stdin:\d+: / },
    {
      what: 'a mapping that is no JSON',
      text: list(
        `${fine},{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"pod-identity-webhook"},"data":{"config":"x"}}`,
      ),
      line: /stdin:2: data\.config: expected a JSON object/,
    },
  ])('ends with 3 and one line that says where when the input is $what', async ({ text, line }) => {
    const { code, stdout, stderr } = await auditDump([], text);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^error: .*\n$/);
    expect(stderr.trimEnd()).toMatch(line);
    expect(stderr).not.toContain('hunter2');
  });

  test('ends with 3 when a file is not there, or too large to be YAML', async () => {
    await using folder = await createTempFolder();
    const missing = await runIrsa(['audit', '-f', join(folder.path, 'none.yaml')]);
    expect(missing).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^error: .*none\.yaml.*found none\n$/),
    });
    const large = await folder.write('large.yaml', `# ${'x'.repeat(17 * 1024 * 1024)}\n`);
    const tooLarge = await runIrsa(['audit', '-f', large]);
    expect(tooLarge).toMatchObject({ code: 3, stderr: expect.stringContaining('use kubectl get -o json') });
  });
});
