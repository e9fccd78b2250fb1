import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { runIrsa, type IrsaResult } from '../../support/run-irsa.ts';

const issuer = ['--issuer', 'https://oidc.example.com/a', '--account-id', '111122223333'];
const provider = ['--provider-arn', 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/a'];
const role = ['--role', 'arn:aws:iam::111122223333:role/team/app'];

function trustPolicy(...args: readonly string[]): Promise<IrsaResult> {
  return runIrsa(['trust-policy', ...args]);
}

function serviceAccounts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => ['--service-account', `team-a/app-${index}`]).flat();
}

describe('irsa trust-policy', () => {
  test.each<{ name: string; args: readonly string[] }>([
    { name: 'one.json.txt', args: [...issuer, '--service-account', 'team-a/app'] },
    { name: 'one.json.txt', args: [...provider, '--service-account', 'team-a/app'] },
    {
      name: 'one.json.txt',
      args: ['--issuer', 'https://oidc.example.com/a', ...role, '--service-account', 'team-a/app'],
    },
    {
      name: 'several.json.txt',
      args: [...issuer, '--service-account', 'team-a/app', 'team-b/*', '--service-account', 'c/d?'],
    },
    { name: 'audiences.json.txt', args: [...provider, '--service-account', 'team-a/app', '--audience', 'vault', 'x'] },
    {
      name: 'clusters.json.txt',
      args: [
        ...issuer,
        ...provider.map(text => text.replace(/a$/, 'b')),
        '--service-account',
        'team-a/app',
        '--partition',
        'aws-cn',
      ],
    },
    { name: 'role.tf.txt', args: [...provider, ...role, '--service-account', 'team-a/app', '-o', 'terraform'] },
    { name: 'no-role.tf.txt', args: [...provider, '--service-account', 'team-a/app', '-o', 'terraform'] },
    { name: 'role.yaml.txt', args: [...provider, ...role, '--service-account', 'team-a/app', '-o', 'cloudformation'] },
  ])('writes $name', async ({ name, args }) => {
    const { code, stdout, stderr } = await trustPolicy(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(`golden/${name}`);
  });

  test('writes the same policy in all formats', async () => {
    const args = [...provider, ...role, '--service-account', 'team-a/app', 'team-b/*'];
    const [json, terraform, cloudFormation] = await Promise.all(
      ['json', 'terraform', 'cloudformation'].map(async format => (await trustPolicy(...args, '-o', format)).stdout),
    );
    const policy = JSON.parse(json ?? '');
    expect(JSON.parse(/jsonencode\((?<json>[\s\S]*)\)\n\}\n$/.exec(terraform ?? '')?.groups?.['json'] ?? '')).toEqual(
      policy,
    );
    // As CloudFormation reads it, and as YAML 1.1, in which 2012-10-17 alone is a date.
    for (const version of ['1.1', '1.2'] as const) {
      const template = parse(cloudFormation ?? '', { version });
      expect(template.Resources.AppRole.Properties).toEqual({
        RoleName: 'app',
        Path: '/team/',
        AssumeRolePolicyDocument: policy,
      });
    }
  });

  test.each([
    { count: 60, code: 0, name: 'length-2048.txt' },
    { count: 100, code: 1, name: 'length-4096.txt' },
  ])('tells how $count ServiceAccounts could be shorter, and ends with $code', async ({ count, code, name }) => {
    const result = await trustPolicy(...provider, ...role, ...serviceAccounts(count), '--service-account', 'b/c');
    expect(result.code).toBe(code);
    expect(JSON.parse(result.stdout).Statement).toHaveLength(1);
    await expect(result.stderr).toMatchFileSnapshot(`golden/${name}`);
  });

  test.each(['*/app', 'team-*/app', 'team-?/*'])('warns of namespaces that do not exist yet in %s', async account => {
    const { code, stderr } = await trustPolicy(...provider, '--service-account', account);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        `warning: ${account}: the pattern takes in namespaces that do not exist yet, and whoever may create one may ` +
        'assume the role\n',
    });
  });

  test('warns of an issuer that AWS can never read, once, and of its remedy (E234)', async () => {
    const cluster = ['--issuer', 'https://kubernetes.default.svc.cluster.local'];
    const { code, stderr } = await trustPolicy(...cluster, ...role, '--service-account', 'a/b');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: issuer: AWS can never read it, since .*--service-account-issuer .*\n$/);
  });

  test('warns of a provider in another account than the role', async () => {
    const other = ['--provider-arn', 'arn:aws:iam::444455556666:oidc-provider/oidc.example.com/a'];
    expect(await trustPolicy(...other, ...role, '--service-account', 'a/b')).toMatchObject({
      code: 0,
      stderr: `warning: ${role[1]}: expected a provider in the role's own account, found ${other[1]}\n`,
    });
  });

  const valid = [...issuer, '--service-account', 'a/b'];
  test.each<{ args: readonly string[]; line: string }>([
    {
      args: issuer,
      line: 'expected ServiceAccounts, by --service-account NAMESPACE/NAME or --from-cluster, found neither',
    },
    { args: [...valid, '--from-cluster'], line: 'expected --service-account or --from-cluster, found both' },
    {
      args: ['--service-account', 'a/b'],
      line: 'expected the OIDC provider, by --provider-arn ARN or --issuer URL, found neither',
    },
    {
      args: ['--service-account', 'a/b', '--issuer', 'https://a'],
      line: '--issuer: expected --account-id or --role with it, found neither',
    },
    ...['a', 'a/', '/b', 'a/b/c', 'A/b', 'a b/c', '-a/b', 'a/b_c', 'a/*-', 'a/${x}'].map(account => ({
      args: [...issuer, '--service-account', account],
      line: `--service-account: expected NAMESPACE/NAME such as team-a/app or team-a/*, found "${account}"`,
    })),
    { args: [...valid, '--account-id', '1'], line: '--account-id: expected 12 digits, found "1"' },
    {
      args: [...valid, '--partition', 'x'],
      line: '--partition: expected a partition such as aws or aws-cn, found "x"',
    },
    {
      args: [...valid, '--audience', 'a${aws:username}'],
      line: '--audience: expected at most 255 characters without spaces and "${", found "a${aws:username}"',
    },
    {
      args: [...valid, '--role', 'app'],
      line: '--role: expected an IAM role ARN such as arn:aws:iam::111122223333:role/NAME, found "app"',
    },
    {
      args: [...valid, ...role, '--role', 'arn:aws:iam::111122223333:role/b'],
      line: '--role: expected one role for these ServiceAccounts, found 2',
    },
    {
      args: ['--service-account', 'a/b', '--provider-arn', 'x'],
      line:
        '--provider-arn: expected an ARN such as arn:aws:iam::111122223333:oidc-provider/oidc.example.com/cluster-a, ' +
        'found "x"',
    },
    {
      args: ['--service-account', 'a/b', '--account-id', '111122223333', '--issuer', 'http://a'],
      line: '--issuer: expected an https URL such as https://oidc.example.com/cluster-a, found "http://a"',
    },
  ])('$args ends with 2 and one line', async ({ args, line }) => {
    expect(await trustPolicy(...args)).toEqual({ code: 2, stdout: '', stderr: `error: ${line}\n` });
  });
});
