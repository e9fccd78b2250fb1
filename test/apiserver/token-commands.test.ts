import { decodeJwt, decodeProtectedHeader } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { connect } from '../support/cluster/client.ts';
import type { ClusterAccess } from '../support/cluster/cluster-files.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { createNamespace, createPod, createServiceAccount, requestToken } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { ecKeyPair, privatePem, publicPem } from '../oidc/keys.ts';
import { runIrsa, type IrsaOptions, type IrsaResult } from '../support/run-irsa.ts';
import { createTempFolder } from '../support/temp-folder.ts';

function token(cluster: ClusterAccess, args: readonly string[], options: IrsaOptions = {}): Promise<IrsaResult> {
  return runIrsa(['token', ...args, '--kubeconfig', cluster.kubeconfig], options);
}

function request(cluster: ClusterAccess, ...args: readonly string[]): Promise<IrsaResult> {
  return token(cluster, ['request', ...args]);
}

function inspect(cluster: ClusterAccess, stdin: string, ...args: readonly string[]): Promise<IrsaResult> {
  return token(cluster, ['inspect', '--ca-file', cluster.caFile, ...args], { stdin });
}

describeOnCluster('irsa token', (cluster, admin) => {
  const namespace = 'token-commands';

  beforeAll(async () => {
    await createNamespace(admin, namespace);
    await createServiceAccount(admin, namespace, 'app');
  });

  test('request writes a token for AWS, of which inspect has nothing to say', async () => {
    const { code, stdout, stderr } = await request(cluster, `${namespace}/app`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const claims = decodeJwt(stdout.trim());
    expect(claims).toMatchObject({
      iss: cluster.url,
      sub: `system:serviceaccount:${namespace}:app`,
      aud: ['sts.amazonaws.com'],
      exp: (claims.iat ?? 0) + 3600,
    });
    const inspected = await inspect(cluster, stdout, '--issuer', cluster.url);
    // The issuer of the test is on loopback.
    expect(inspected).toMatchObject({ code: 1, stderr: '' });
    expect(inspected.stdout).toContain(`signature verified by a key of ${cluster.url}/openid/v1/jwks\n`);
    expect(inspected.stdout.match(/\[[a-z_]+\]$/gm)).toEqual(['[issuer_not_public]']);
  });

  test('request takes audiences, a duration and the namespace of -n', async () => {
    const audiences = ['--audience', 'vault', 'x'];
    const { stdout } = await request(cluster, 'app', '-n', namespace, ...audiences, '--duration', '2h30m');
    const { aud, exp = 0, iat = 0 } = decodeJwt(stdout.trim());
    expect([aud, exp - iat]).toEqual([['vault', 'x'], 9_000]);
    const inspected = await inspect(cluster, stdout);
    expect(inspected.code).toBe(1);
    expect(inspected.stdout).toContain('aud: expected sts.amazonaws.com, found "vault, x"');
  });

  test('request says in one line why there is no token', async () => {
    const { code, stdout, stderr } = await request(cluster, `${namespace}/missing`);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toBe('error: the cluster could not be asked: serviceaccounts "missing" not found (not_found)\n');
  });

  test('inspect shows pod and node of a token as the kubelet requests it, and refuses one with other claims', async () => {
    const { body } = await createPod(admin, namespace, { name: 'app', serviceAccount: 'app' });
    const { name, uid } = body['metadata'] as { name: string; uid: string };
    const audience = 'sts.amazonaws.com';
    const bound = await requestToken(admin, namespace, 'app', { audience, boundPod: { name, uid } });
    const { stdout } = await inspect(cluster, bound, '--issuer', cluster.url, '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'TokenReport',
      kubernetes: { namespace, serviceAccount: { name: 'app' }, pod: { name, uid } },
      findings: [{ code: 'signature_verified', severity: 'ok' }, { code: 'issuer_not_public' }],
    });
    const [header, , signature] = bound.split('.');
    const payload = Buffer.from(
      JSON.stringify({ ...decodeJwt(bound), sub: 'system:serviceaccount:kube-system:admin' }),
    );
    const forged = [header, payload.toString('base64url'), signature].join('.');
    const refused = await inspect(cluster, forged, '--issuer', cluster.url);
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('[signature_invalid]') });
  });

  test('inspect verifies what an API server signs with ECDSA, and that shortens what was asked for', async () => {
    await using folder = await createTempFolder();
    const { privateKey, publicKey, jwk } = ecKeyPair('P-384');
    await using other = await startCluster({
      apiServerFlags: [
        `--service-account-key-file=${await folder.write('sa.pub', publicPem(publicKey))}`,
        `--service-account-signing-key-file=${await folder.write('sa.key', privatePem(privateKey))}`,
        '--service-account-max-token-expiration=1h',
      ],
    });
    using client = connect({ ...other, token: other.adminToken });
    await createNamespace(client, namespace);
    const { code, stdout, stderr } = await request(other, `${namespace}/default`, '--duration', '3h');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'warning: the API server gave a token for 1h, not for 3h\n',
    });
    expect(decodeProtectedHeader(stdout)).toMatchObject({ alg: 'ES384', kid: jwk.kid });
    expect(await inspect(other, stdout, '--issuer', other.url)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`signature verified by a key of ${other.url}/openid/v1/jwks\n`),
    });
    expect(await inspect(cluster, stdout, '--issuer', cluster.url)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('[issuer_differs]'),
    });
  });
});
