import { describe, expect, test } from 'vitest';
import { runIrsa } from '../../support/run-irsa.ts';
import { createTempFolder } from '../../support/temp-folder.ts';

const role = 'arn:aws:iam::111122223333:role/reader';
const good = `{ "shop/cart": { "RoleARN": "${role}", "tokenexpiration": 3600 } }`;
const bad = `{
  "shop/cart": { "RoleARN": "${role}" },
  "shop/till": { "RoleARN": "reader" },
  "noslash": { "RoleARN": "${role}" },
  "shop/cart": { "RoleARN": "${role}", "TokenExpiry": 3600 },
  "shop/*": { "RoleARN": "${role}", "TokenExpiration": "3600" }
}
`;
const configMap = (document: string): string => `# the mapping
apiVersion: v1
kind: ConfigMap
metadata:
  name: pod-identity-webhook
data:
  config: |
${document.replaceAll(/^(?=.)/gm, '    ')}`;

describe('irsa config validate', () => {
  test.each([
    { name: 'mapping', input: good, code: 0 },
    { name: 'mapping with findings', input: bad, code: 1 },
    { name: 'ConfigMap with findings', input: configMap(bad), code: 1 },
    { name: 'associations', input: '{"identities":[{"namespace":"shop","serviceAccount":"cart"}]}', code: 0 },
    {
      name: 'associations with findings',
      input: '{"Identities": [\n  {"namespace": "shop"}\n],\n"version": 1}',
      code: 1,
    },
  ])('says what it thinks of $name', async ({ name, input, code }) => {
    const result = await runIrsa(['config', 'validate', '-'], { stdin: input });
    expect(result).toMatchObject({ code, stderr: '' });
    await expect(result.stdout).toMatchFileSnapshot(`golden/${name.replaceAll(' ', '-')}.txt`);
    const json = await runIrsa(['config', 'validate', '-', '-o', 'json'], { stdin: input });
    expect(json).toMatchObject({ code, stderr: '' });
    await expect(json.stdout).toMatchFileSnapshot(`golden/${name.replaceAll(' ', '-')}.json`);
  });

  test.each([
    { what: 'no JSON', input: '{"a/b": {\n"RoleARN": nonsense}}', line: 2 },
    { what: 'half of it', input: '{"a/b": {\n"RoleARN": "x"\n', line: 3 },
    { what: 'a ConfigMap whose document is no JSON', input: configMap('{\n  "a/b": }\n'), line: 9 },
  ])('fails with one line that names the line when there is $what', async ({ input, line }) => {
    const { code, stdout, stderr } = await runIrsa(['config', 'validate', '-'], { stdin: input });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^error: stdin:${line}: expected .*\\n$`));
  });

  test.each(['', '[]', 'apiVersion: v1\nkind: Secret\n', '{"apiVersion":"v1","kind":"ConfigMap","data":{}}'])(
    'fails when %j is nothing that the webhook reads',
    async input => {
      const { code, stderr } = await runIrsa(['config', 'validate', '-'], { stdin: input });
      expect(code).toBe(3);
      expect(stderr).toMatch(/^error: stdin.*: expected .*\n$/);
    },
  );

  test('names a file that is not there', async () => {
    await using folder = await createTempFolder();
    const { code, stderr } = await runIrsa(['config', 'validate', `${folder.path}/missing.json`]);
    expect(code).toBe(3);
    expect(stderr).toBe(`error: "${folder.path}/missing.json": expected a file or folder, found none\n`);
  });

  test('is wrong usage without a file', async () => {
    expect(await runIrsa(['config', 'validate'])).toMatchObject({ code: 2, stdout: '' });
  });
});
