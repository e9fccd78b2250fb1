import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { startIssuerServer, type Answer } from '../../support/issuer-server.ts';
import { ecKeyPair } from '../../oidc/keys.ts';
import { runIrsa, type IrsaOptions, type IrsaResult } from '../../support/run-irsa.ts';
import { createTempFolder } from '../../support/temp-folder.ts';

const { jwk, privateKey } = ecKeyPair();
const day = 86_400;

/** A token for AWS, a minute old, that lives for a day. */
function sign(changes: object = {}, kid = 'test-key'): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'https://oidc.example.com',
    sub: 'system:serviceaccount:team-a:app',
    aud: ['sts.amazonaws.com'],
    iat: now - 60,
    nbf: now - 60,
    exp: now + day,
    'kubernetes.io': {
      namespace: 'team-a',
      serviceaccount: { name: 'app', uid: '8a4a1a5c-0000-4000-8000-000000000001' },
      pod: { name: 'app-1', uid: '8a4a1a5c-0000-4000-8000-000000000002' },
      node: { name: 'node-1', uid: '8a4a1a5c-0000-4000-8000-000000000003' },
    },
    ...changes,
  };
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
}

const keySet = JSON.stringify({ keys: [{ ...jwk, kid: 'test-key' }] });

async function inspect(token: string, args: readonly string[] = [], options: IrsaOptions = {}): Promise<IrsaResult> {
  const result = await runIrsa(['token', 'inspect', ...args], { stdin: `${token}\n`, ...options });
  const [header = '', payload = '', signature = ''] = token.split('.');
  const written = result.stdout + result.stderr;
  for (const part of [header, payload, signature]) expect(written).not.toContain(part);
  return result;
}

/** Without the times of this run. */
function stable(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replaceAll(/\((in )?(\d+[hms])+( ago)?\)/g, '($1DURATION$3)')
    .replaceAll(/\b(in )?\d+ s\b( ago)?/g, '$1SECONDS$2')
    .replaceAll(/("(?:iat|nbf|exp|remainingSeconds)": )-?\d+/g, '$1SECONDS');
}

describe('irsa token inspect', () => {
  test.each<{ name: string; code: number; claims?: object; kid?: string; args?: readonly string[] }>([
    { name: 'sound.txt', code: 0 },
    { name: 'sound.json.txt', code: 0, args: ['-o', 'json'] },
    { name: 'wrong-audience.txt', code: 1, claims: { aud: ['https://kubernetes.default.svc', 'vault'] } },
    { name: 'other-audience.txt', code: 0, claims: { aud: 'vault' }, args: ['--audience', 'vault'] },
    { name: 'expired.txt', code: 1, claims: { exp: 1_700_000_000 } },
    { name: 'E230-cluster-local.txt', code: 1, claims: { iss: 'https://kubernetes.default.svc.cluster.local' } },
    { name: 'early.txt', code: 1, claims: { nbf: 4_000_000_000, iat: 4_000_000_000, exp: 4_000_003_600 } },
    {
      name: 'legacy.txt',
      code: 1,
      claims: {
        iss: 'kubernetes/serviceaccount',
        aud: undefined,
        exp: undefined,
        iat: undefined,
        nbf: undefined,
        'kubernetes.io': undefined,
      },
    },
    {
      name: 'hostile.json.txt',
      code: 1,
      claims: { iss: 'https://a\u001b[31m\n', sub: '\u202e', aud: ['x'.repeat(500)] },
      args: ['-o', 'json'],
    },
    { name: 'hostile.txt', code: 1, claims: { iss: 'https://a\u001b[31m\n', sub: '\u202e', aud: ['x'.repeat(500)] } },
  ])('writes $name and ends with $code', async ({ name, code, claims, kid, args = [] }) => {
    const result = await inspect(await sign(claims, kid), args);
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code, stderr: '' });
    await expect(stable(result.stdout)).toMatchFileSnapshot(`golden/${name}`);
  });

  test('reads a file, and verifies by a key set in a file', async () => {
    await using temp = await createTempFolder();
    const token = await sign();
    await temp.write('token', token);
    await temp.write('jwks', keySet);
    const verified = await inspect(token, ['token', '--jwks', 'jwks', '--verify'], { folder: temp.path });
    expect(verified).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('signature verified by a key of jwks\n'),
    });
    const other = await inspect(await sign({}, 'other'), ['--jwks', 'jwks'], { folder: temp.path });
    expect(other).toMatchObject({ code: 1, stdout: expect.stringContaining('[key_not_found]\n') });
  });

  test('verifies by what an issuer publishes, and fetches what the token names only when told to', async () => {
    const requests: string[] = [];
    const answer =
      (body: object | string): Answer =>
      (request, response) => {
        requests.push(request.url ?? '');
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      };
    await using temp = await createTempFolder();
    await using server = await startIssuerServer(
      url => ({
        '/.well-known/openid-configuration': answer({ issuer: url, jwks_uri: `${url}/jwks` }),
        '/jwks': answer(keySet),
      }),
      { host: 'keys.example.com' },
    );
    const { environment } = server;
    const ca = ['--ca-file', await temp.write('ca.crt', server.ca)];
    const own = await sign({ iss: server.url });
    const foreign = await sign();

    expect((await inspect(own, ca)).code).toBe(0);
    expect(requests).toEqual([]);
    expect(await inspect(own, [...ca, '--issuer', server.url], { environment })).toMatchObject({ code: 0, stderr: '' });
    expect(await inspect(own, [...ca, '--issuer'], { environment })).toMatchObject({
      code: 0,
      stderr: `fetching the keys of "${server.url}", which the token itself names\n`,
    });
    const differing = await inspect(foreign, [...ca, '--issuer', server.url], { environment });
    expect(differing.code).toBe(1);
    expect(differing.stdout).toContain(
      `iss: expected ${server.url}, found "https://oidc.example.com" [issuer_differs]`,
    );
    expect(differing.stdout).toContain(`signature verified by a key of ${server.url}/jwks`);
    expect(requests).toHaveLength(6);
  });

  test.each<{ name: string; answers: { readonly [path: string]: Answer }; code: string }>([
    { name: 'is not there', answers: {}, code: 'bad_status' },
    {
      name: 'is no discovery document',
      answers: { '/.well-known/openid-configuration': '[]' },
      code: 'invalid_discovery',
    },
    { name: 'names no key set', answers: { '/.well-known/openid-configuration': {} }, code: 'invalid_url' },
    {
      name: 'sends elsewhere for ever',
      answers: {
        '/.well-known/openid-configuration': (request, response) =>
          response.writeHead(302, { location: request.url ?? '' }).end(),
      },
      code: 'bad_redirect',
    },
  ])('finds $code when what the issuer publishes $name', async ({ answers, code }) => {
    await using temp = await createTempFolder();
    await using server = await startIssuerServer(() => answers);
    const ca = ['--ca-file', await temp.write('ca.crt', server.ca)];
    const { code: exitCode, stdout } = await inspect(await sign({ iss: server.url }), [...ca, '--issuer']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`[${code}]`);
  });

  test('fetches nothing where the token names no https URL', async () => {
    const { code, stdout, stderr } = await inspect(await sign({ iss: 'file:///etc/passwd' }), ['--issuer']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('[issuer_not_https]');
  });

  test.each<{ args: readonly string[]; stdin: string; code: number; line: string }>([
    {
      args: [],
      stdin: '',
      code: 3,
      line: 'stdin: expected a JWT, three parts with dots between them, found 1 in 0 characters',
    },
    {
      args: [],
      stdin: 'secretword',
      code: 3,
      line: 'stdin: expected a JWT, three parts with dots between them, found 1 in 10 characters',
    },
    {
      args: [],
      stdin: 'a.b.c',
      code: 3,
      line: 'stdin: expected a JSON object as the first part, in base64url, found something else',
    },
    { args: ['/nonexistent'], stdin: '', code: 3, line: '"/nonexistent": expected a file or folder, found none' },
    {
      args: ['--verify'],
      stdin: 'token',
      code: 2,
      line: '--verify: expected --jwks, --issuer or --from-cluster with it, found none',
    },
    {
      args: ['--jwks', 'a', '--issuer', 'https://a'],
      stdin: 'token',
      code: 2,
      line: 'expected one of --jwks, --issuer and --from-cluster, found several',
    },
    {
      args: ['--issuer', 'http://a'],
      stdin: 'token',
      code: 2,
      line: '--issuer: expected an https URL such as https://oidc.example.com/cluster-a, found "http://a"',
    },
    {
      args: ['--jwks', 'package.json'],
      stdin: 'token',
      code: 3,
      line: 'package.json: expected a JSON Web Key Set, an object with the list "keys", found none',
    },
  ])('$args of $stdin ends with $code and one line', async ({ args, stdin, code, line }) => {
    const input = stdin === 'token' ? await sign() : stdin;
    const result = await runIrsa(['token', 'inspect', ...args], { stdin: input });
    expect(result).toEqual({ code, stdout: '', stderr: `error: ${line}\n` });
  });
});

describe('irsa token request', () => {
  test.each<{ args: readonly string[]; line: string }>([
    {
      args: ['a/b', '--duration', '5m'],
      line: '--duration: expected a duration of at least 10m, such as 1h, found "5m"',
    },
    {
      args: ['a/b', '--duration', 'x'],
      line: '--duration: expected a duration of at least 10m, such as 1h, found "x"',
    },
    { args: ['a/b/c'], line: 'expected a ServiceAccount as NAMESPACE/NAME, found "a/b/c"' },
    { args: ['A/b'], line: 'expected a ServiceAccount as NAMESPACE/NAME, found "A/b"' },
    { args: ['../b'], line: 'expected a ServiceAccount as NAMESPACE/NAME, found "../b"' },
  ])('$args ends with 2 and one line', async ({ args, line }) => {
    await using temp = await createTempFolder();
    const cluster = { name: 'c', cluster: { server: 'https://127.0.0.1:1' } };
    const context = { name: 'x', context: { cluster: 'c' } };
    const config = { clusters: [cluster], contexts: [context], 'current-context': 'x' };
    const kubeconfig = await temp.write('config', JSON.stringify(config));
    const result = await runIrsa(['token', 'request', ...args, '--kubeconfig', kubeconfig]);
    expect(result).toEqual({ code: 2, stdout: '', stderr: `error: ${line}\n` });
  });
});
