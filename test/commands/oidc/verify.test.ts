import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readPublicKeys } from '../../../src/oidc/public-keys.ts';
import { toSigningJwk } from '../../../src/oidc/signing-key.ts';
import { startIssuerServer, type Answer, type IssuerServer } from '../../support/issuer-server.ts';
import { runIrsa, type IrsaResult } from '../../support/run-irsa.ts';
import { createTempFolder } from '../../support/temp-folder.ts';

const ecKey = join(import.meta.dirname, 'keys', 'ec.pub');
const rsaKey = join(import.meta.dirname, 'keys', 'rsa.pub');
const keys = readPublicKeys(await readFile(ecKey, 'utf8'), ecKey).keys.flatMap(key => toSigningJwk(key) ?? []);

/** An issuer with the key of `ec.pub`. */
function startIssuer(changes: { readonly [path: string]: Answer } = {}): Promise<IssuerServer> {
  return startIssuerServer(url => ({
    '/.well-known/openid-configuration': {
      issuer: url,
      jwks_uri: `${url}/openid/v1/jwks`,
      id_token_signing_alg_values_supported: ['ES256'],
    },
    '/openid/v1/jwks': { keys },
    ...changes,
  }));
}

async function verify(server: IssuerServer, ...args: readonly string[]): Promise<IrsaResult> {
  await using temp = await createTempFolder();
  const ca = await temp.write('ca.crt', server.ca);
  const result = await runIrsa(['oidc', 'verify', '--issuer', server.url, '--ca-file', ca, ...args]);
  return { ...result, stdout: stable(result.stdout, server.url) };
}

/** Without what differs from run to run: port and certificates. */
function stable(text: string, url: string): string {
  return text
    .replaceAll(url, 'https://127.0.0.1:PORT')
    .replaceAll(new URL(url).port, 'PORT')
    .replaceAll(/\b[0-9a-f]{40}\b/g, 'THUMBPRINT');
}

describe('irsa oidc verify', () => {
  test.each([
    { name: 'verify.txt', args: ['--public-key', ecKey] },
    { name: 'verify.json.txt', args: ['--public-key', ecKey, '-o', 'json'] },
    { name: 'verify-colour.txt', args: ['--color', 'always'] },
  ])('writes $name for a sound issuer', async ({ name, args }) => {
    await using server = await startIssuer();
    const { code, stdout, stderr } = await verify(server, ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(`golden/${name}`);
  });

  test.each<{ name: string; answers: { readonly [path: string]: Answer }; args?: readonly string[] }>([
    { name: 'verify-missing-key.txt', answers: {}, args: ['--public-key', ecKey, rsaKey] },
    { name: 'verify-other-issuer.txt', answers: { '/.well-known/openid-configuration': { issuer: 'a\u001b[31m\nb' } } },
    { name: 'verify-huge.txt', answers: { '/openid/v1/jwks': 'x'.repeat(300_000) } },
    { name: 'verify-page.txt', answers: { '/openid/v1/jwks': '<html>' } },
  ])('writes $name and ends with 1', async ({ name, answers, args = [] }) => {
    await using server = await startIssuer(answers);
    const { code, stdout, stderr } = await verify(server, ...args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(`golden/${name}`);
  });

  test('trusts nobody but public authorities without --ca-file', async () => {
    await using server = await startIssuer();
    const { code, stdout } = await runIrsa(['oidc', 'verify', '--issuer', server.url]);
    expect(code).toBe(1);
    expect(stdout).toContain('Name its authority by --ca-file, if it is a private one. [not_trusted]');
  });
});
