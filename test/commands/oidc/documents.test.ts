import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runIrsa, type IrsaResult } from '../../support/run-irsa.ts';
import { createTempFolder } from '../../support/temp-folder.ts';

const ecKey = join(import.meta.dirname, 'keys', 'ec.pub');
const rsaKey = join(import.meta.dirname, 'keys', 'rsa.pub');

function oidc(...args: readonly string[]): Promise<IrsaResult> {
  return runIrsa(['oidc', ...args]);
}

async function expectGolden(result: IrsaResult, name: string): Promise<void> {
  expect(result).toMatchObject({ code: 0, stderr: '' });
  await expect(result.stdout).toMatchFileSnapshot(`golden/${name}`);
}

describe('irsa oidc jwks', () => {
  test('writes the key set of several files without a final newline', async () => {
    await expectGolden(await oidc('jwks', '--public-key', ecKey, rsaKey), 'jwks.json.txt');
  });

  test('reads a key from standard input', async () => {
    const result = await runIrsa(['oidc', 'jwks', '--public-key', '-'], { stdin: await readFile(ecKey, 'utf8') });
    await expectGolden(result, 'jwks-stdin.json.txt');
  });

  test('adds the keys of tokens without kid', async () => {
    await expectGolden(await oidc('jwks', '--public-key', ecKey, '--legacy-empty-kid'), 'jwks-legacy.json.txt');
  });

  test('warns of a key that is given twice, and of blocks that it passes over', async () => {
    await using temp = await createTempFolder();
    const key = await readFile(ecKey, 'utf8');
    const file = await temp.write(
      'two.pem',
      `${key}-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${key}`,
    );
    const { code, stdout, stderr } = await oidc('jwks', '--public-key', file);
    expect([code, JSON.parse(stdout).keys.length]).toEqual([0, 2]);
    expect(stderr.replaceAll(temp.path, '')).toBe(
      'warning: /two.pem:5: EC PARAMETERS: neither an RSA nor an ECDSA key, nor a certificate\n' +
        'warning: keys that are given, and so published, more than once: 1\n',
    );
  });
});

describe('irsa oidc discovery', () => {
  test.each([
    { name: 'discovery.json.txt', args: ['--issuer', 'https://oidc.example.com/a'] },
    { name: 'discovery-ec.json.txt', args: ['--issuer', 'https://oidc.example.com/a/', '--public-key', ecKey] },
    {
      name: 'discovery-uri.json.txt',
      args: ['--issuer', 'https://a.example', '--jwks-uri', 'https://b.example/?a=1&b=2'],
    },
  ])('writes $name', async ({ name, args }) => {
    await expectGolden(await oidc('discovery', ...args), name);
  });
});

describe('irsa oidc bundle', () => {
  test('writes what the other two commands write, and refuses to replace other files', async () => {
    await using temp = await createTempFolder();
    const issuer = ['--issuer', 'https://oidc.example.com/a'];
    const bundle = (key: string, ...more: readonly string[]): Promise<IrsaResult> =>
      runIrsa(['oidc', 'bundle', ...issuer, '--public-key', key, '-d', 'out', ...more], { folder: temp.path });
    const read = (path: string): Promise<string> => readFile(join(temp.path, path), 'utf8');
    const paths = ['out/.well-known/openid-configuration', 'out/openid/v1/jwks'];
    const stdout = `${paths.join('\n')}\n`;

    expect(await bundle(ecKey)).toEqual({ code: 0, stdout, stderr: '' });
    const documents = [
      await oidc('discovery', ...issuer, '--public-key', ecKey),
      await oidc('jwks', '--public-key', ecKey),
    ];
    expect(await Promise.all(paths.map(read))).toEqual(documents.map(document => document.stdout));

    const unchanged = paths.map(path => `${path} was the same already\n`).join('');
    expect(await bundle(ecKey)).toEqual({ code: 0, stdout, stderr: unchanged });
    expect(await bundle(rsaKey)).toEqual({
      code: 3,
      stdout: '',
      stderr: `error: ${paths[0]}: expected no file, or one with the same content, found another; --force replaces it\n`,
    });
    expect(await bundle(rsaKey, '--force')).toEqual({ code: 0, stdout, stderr: '' });
    expect(await read('out/openid/v1/jwks')).toContain('"RS256"');
  });

  test('writes the documents of an issuer that AWS can never read, with a warning (E234)', async () => {
    await using temp = await createTempFolder();
    const issuer = ['--issuer', 'https://kubernetes.default.svc.cluster.local'];
    const args = ['oidc', 'bundle', ...issuer, '--public-key', ecKey, '-d', 'out'];
    const { code, stdout, stderr } = await runIrsa(args, { folder: temp.path });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('out/openid/v1/jwks\n') });
    expect(stderr).toMatch(/^warning: --issuer: AWS can never read it, since .*--service-account-issuer .*\n$/);
  });

  test('says what cannot be written', async () => {
    await using temp = await createTempFolder();
    const file = await temp.write('file', '');
    const args = ['--issuer', 'https://a.example', '--public-key', ecKey, '-d', join(file, 'out')];
    const { code, stdout, stderr } = await oidc('bundle', ...args);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^error: ENOTDIR: .+\n$/);
  });
});

describe('irsa oidc', () => {
  test.each<{ args: readonly string[]; code: number; line: string }>([
    {
      args: ['jwks'],
      code: 2,
      line: 'expected the keys of the API server, by --public-key FILE or --from-cluster, found neither',
    },
    {
      args: ['jwks', '--public-key', '/nonexistent'],
      code: 3,
      line: '"/nonexistent": expected a file or folder, found none',
    },
    {
      args: ['jwks', '--public-key', 'package.json'],
      code: 3,
      line: 'package.json: expected a PEM file with an RSA or ECDSA key or certificate, found no PEM block',
    },
    {
      args: ['discovery', '--issuer', 'http://a.example'],
      code: 2,
      line: '--issuer: expected an https URL such as https://oidc.example.com/cluster-a, found "http://a.example"',
    },
    {
      args: ['discovery', '--issuer', 'https://a.example?x'],
      code: 2,
      line: '--issuer: expected an https URL without query and fragment, found "https://a.example?x"',
    },
    {
      args: ['discovery', '--issuer', 'https://a.example', '--jwks-uri', 'keys'],
      code: 2,
      line: '--jwks-uri: expected an https URL, found "keys"',
    },
    {
      args: ['verify', '--issuer', 'https://u:p@a.example'],
      code: 2,
      line: '--issuer: expected an https URL without user name and password',
    },
    {
      args: ['verify', '--issuer', 'https://a.example', '--ca-file', 'package.json'],
      code: 3,
      line: 'package.json: expected certificates in PEM, found none',
    },
    {
      args: ['jwks', '--from-cluster', '--kubeconfig', '/nonexistent'],
      code: 3,
      line: 'kubeconfig /nonexistent: ',
    },
  ])('$args ends with $code and one line', async ({ args, code, line }) => {
    const result = await oidc(...args);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr.startsWith(`error: ${line}`), result.stderr).toBe(true);
    expect(result.stderr.match(/\n/g)).toHaveLength(1);
  });

  test.each([
    ['discovery'],
    ['bundle', '--issuer', 'https://a.example'],
    ['verify'],
    ['jwk'],
    ['jwks', '--public-keys', 'x'],
  ])('ends with 2 for the usage %j', async (...args) => {
    expect(await oidc(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('error: ') });
  });
});
