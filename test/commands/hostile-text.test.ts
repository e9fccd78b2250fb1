import { describe, expect, test } from 'vitest';
import { runInProcess } from './mutate/run-in-process.ts';

/** Clears the screen, turns the order of what follows, rings, and goes back to the start of the line. */
const hostile = 'web\u001b[2J\u202e\u0007\rgone';

/** What a terminal obeys; line feed and tab are ours. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

const pod = { kind: 'Pod', apiVersion: 'v1', metadata: { name: hostile, namespace: 'shop' }, spec: podSpec() };
const account = {
  kind: 'ServiceAccount',
  apiVersion: 'v1',
  metadata: { name: hostile, namespace: 'shop', annotations: { 'eks.amazonaws.com/role-arn': hostile } },
};
const dump = JSON.stringify({ kind: 'List', apiVersion: 'v1', items: [pod, account] });

function podSpec(): object {
  const env = [{ name: 'AWS_ROLE_ARN', value: hostile }];
  return { serviceAccountName: hostile, containers: [{ name: hostile, image: 'app', env }] };
}

function token(): string {
  const claims = { iss: hostile, sub: hostile, aud: [hostile], exp: 1 };
  const parts = [{ alg: 'RS256', kid: hostile }, claims].map(part =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return `${parts.join('.')}.AAAA`;
}

const rows: readonly (readonly [args: readonly string[], input: string])[] = [
  [['explain', '-f', '-'], dump],
  [['explain', '-f', '-', '-o', 'json'], dump],
  [['audit', '-f', '-'], dump],
  [['audit', '-f', '-', '-o', 'json'], dump],
  [['audit', '-f', '-', '-o', 'sarif'], dump],
  [['audit', '-f', '-', '-o', 'yaml'], dump],
  [['config', 'validate', '-'], JSON.stringify({ [`shop/${hostile}`]: { RoleARN: hostile, [hostile]: '' } })],
  [['config', 'validate', '-o', 'json', '-'], JSON.stringify({ [`shop/${hostile}`]: { RoleARN: hostile } })],
  [['token', 'inspect'], token()],
  [['token', 'inspect', '-o', 'json'], token()],
  [['token', 'request', hostile, '--kubeconfig', `/none/${hostile}`], ''],
  [['oidc', 'jwks', '--public-key', `/none/${hostile}`], ''],
  [['oidc', 'discovery', '--issuer', hostile], ''],
  [['oidc', 'bundle', '--issuer', hostile, '-d', '/none', '--public-key', hostile], ''],
  [['oidc', 'verify', '--issuer', hostile], ''],
  [['trust-policy', '--service-account', hostile], ''],
  [['trust-policy', '--service-account', 'a/b', '--issuer', hostile, '--account-id', '111122223333'], ''],
  [['check', '--kubeconfig', `/none/${hostile}`], ''],
  [['completion', hostile], ''],
  [['version', `--${hostile}`], ''],
  [[hostile], ''],
];

describe('a command, given names that hold what a terminal obeys (E220)', () => {
  test.each(rows)('%j escapes them in all that it writes', async (args, input) => {
    const { stdout, stderr } = await runInProcess(args, input);
    const written = stdout + stderr;
    expect(obeyed.exec(written)?.input ?? 'nothing that a terminal obeys').toBe('nothing that a terminal obeys');
    // Without the name in what is written, this would show nothing.
    expect(written).toContain('gone');
  });

  test.each([
    [['explain', '-f', '-', '--color', 'always'], dump],
    [['audit', '-f', '-', '--color', 'always'], dump],
    [['token', 'inspect', '--color', 'always'], token()],
  ] as const)('%j colours, and escapes all other sequences', async (args, input) => {
    const { stdout } = await runInProcess(args, input);
    // oxlint-disable-next-line no-control-regex -- our own colours
    const withoutColours = stdout.replaceAll(/\u001b\[(?:1|2|22|31|32|33|36|39)m/gu, '');
    expect(withoutColours).not.toBe(stdout);
    expect(withoutColours).not.toMatch(obeyed);
  });

  test('mutate escapes them in what it says of a pod', async () => {
    const { stderr } = await runInProcess(['mutate', '-f', '-'], dump);
    expect(stderr).toContain('gone');
    expect(stderr).not.toMatch(obeyed);
  });

  test('mutate leaves a manifest to the byte where it does not write to a terminal', async () => {
    const manifest = 'apiVersion: v1\r\nkind: ConfigMap\r\n# \u202etxt\r\n';
    const { stdout } = await runInProcess(['mutate', '-f', '-'], manifest);
    expect(stdout).toBe(manifest);
  });
});
