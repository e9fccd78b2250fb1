import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type KubernetesClient } from '../support/cluster/client.ts';
import { startCluster, type Cluster } from '../support/cluster/cluster.ts';
import { createNamespace, createServiceAccount, requestToken } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { startIssuerServer } from '../support/issuer-server.ts';
import { ecKeyPair, publicPem } from '../oidc/keys.ts';
import { runIrsa, type IrsaResult } from '../support/run-irsa.ts';
import { startSts } from '../support/sts/sts-server.ts';
import { whoAmI } from '../support/sts/who-am-i.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';

const account = '111122223333';

function role(name: string): string {
  return `arn:aws:iam::${account}:role/${name}`;
}

function annotated(name: string): { readonly [name: string]: string } {
  return { 'eks.amazonaws.com/role-arn': role(name) };
}

describeOnCluster('--from-cluster', () => {
  let cluster: Cluster;
  let admin: KubernetesClient;
  let folder: TempFolder;
  const irsa = (...args: readonly string[]): Promise<IrsaResult> =>
    runIrsa([...args, '--kubeconfig', cluster.kubeconfig]);

  // A cluster of its own, since all ServiceAccounts of a cluster are read.
  beforeAll(async () => {
    cluster = await startCluster();
    admin = connect({ ...cluster, token: cluster.adminToken });
    folder = await createTempFolder();
    for (const namespace of ['team-a', 'team-b']) await createNamespace(admin, namespace);
    await createServiceAccount(admin, 'team-b', 'worker', annotated('app'));
    await createServiceAccount(admin, 'team-a', 'app', annotated('app'));
    await createServiceAccount(admin, 'team-a', 'vault', {
      ...annotated('app'),
      'eks.amazonaws.com/audience': 'vault',
    });
    await createServiceAccount(admin, 'team-a', 'backup', annotated('ops/backup'));
    await createServiceAccount(admin, 'team-a', 'wrong', { 'eks.amazonaws.com/role-arn': 'backup' });
    await createServiceAccount(admin, 'team-a', 'wronger', annotated('n'.repeat(65)));
    await createServiceAccount(admin, 'team-a', 'other-prefix', { 'example.com/role-arn': role('other') });
  });

  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    admin[Symbol.dispose]();
    await cluster.stop();
  });

  test('irsa oidc jwks writes what the API server serves, with the next key after it', async () => {
    const { stdout } = await irsa('oidc', 'jwks', '--from-cluster');
    const { body } = await admin.get('/openid/v1/jwks');
    expect(stdout).toBe(JSON.stringify(body));
    const { publicKey, jwk } = ecKeyPair();
    const next = await folder.write('next.pub', publicPem(publicKey));
    const own = join(cluster.caFile, '..', 'service-account.pub');
    const both = await irsa('oidc', 'jwks', '--from-cluster', '--public-key', own, next);
    expect(JSON.parse(both.stdout).keys).toEqual([...JSON.parse(stdout).keys, jwk]);
  });

  test('irsa oidc verify finds that a published key set has the keys of the cluster, or that it has not', async () => {
    const verified = await irsa(
      'oidc',
      'verify',
      '--issuer',
      cluster.url,
      '--ca-file',
      cluster.caFile,
      '--from-cluster',
    );
    expect(verified).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('every key of the cluster is published: 1'),
    });
    await using stale = await startIssuerServer(url => ({
      '/.well-known/openid-configuration': {
        issuer: url,
        jwks_uri: `${url}/jwks`,
        id_token_signing_alg_values_supported: ['ES256'],
      },
      '/jwks': { keys: [ecKeyPair().jwk] },
    }));
    const ca = await folder.write('stale.crt', stale.ca);
    const outdated = await irsa('oidc', 'verify', '--issuer', stale.url, '--ca-file', ca, '--from-cluster');
    expect(outdated).toMatchObject({ code: 1, stdout: expect.stringContaining('[signing_key_not_published]') });
  });

  test('irsa token inspect verifies by the keys of the cluster', async () => {
    const token = await requestToken(admin, 'team-a', 'app', { audience: 'sts.amazonaws.com' });
    const file = await folder.write('token', token);
    // The issuer of the test is on loopback.
    expect(await irsa('token', 'inspect', file, '--from-cluster')).toMatchObject({
      code: 1,
      stderr: '',
      stdout: expect.stringContaining(`signature verified by a key of the cluster ${cluster.url}`),
    });
  });

  test('irsa trust-policy has each role with the ServiceAccounts that name it, under the issuer of the cluster', async () => {
    const { code, stdout, stderr } = await irsa('trust-policy', '--from-cluster');
    expect({ code, lines: stderr.split('\n').toSorted() }).toEqual({
      code: 0,
      lines: [
        '',
        'warning: ServiceAccount team-a/wrong is left out: expected an IAM role ARN such as ' +
          'arn:aws:iam::111122223333:role/NAME, found "backup"',
        expect.stringMatching(/^warning: ServiceAccount team-a\/wronger is left out: .*at most 64 characters$/),
        expect.stringMatching(/^warning: issuer: AWS can never read it, since its address is private/),
      ],
    });
    const issuer = cluster.url.replace('https://', '');
    const statement = (audience: string, subjects: string | readonly string[]): object => ({
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: subjects } },
    });
    const app = {
      Version: '2012-10-17',
      Statement: [
        statement('sts.amazonaws.com', ['system:serviceaccount:team-a:app', 'system:serviceaccount:team-b:worker']),
        statement('vault', 'system:serviceaccount:team-a:vault'),
      ],
    };
    const backup = {
      Version: '2012-10-17',
      Statement: [statement('sts.amazonaws.com', 'system:serviceaccount:team-a:backup')],
    };
    expect(JSON.parse(stdout)).toEqual({
      apiVersion: 'irsa/v1',
      kind: 'TrustPolicyList',
      items: [
        {
          roleArn: role('app'),
          serviceAccounts: ['team-a/app', 'team-a/vault', 'team-b/worker'],
          characters: JSON.stringify(app).length,
          policy: app,
        },
        {
          roleArn: role('ops/backup'),
          serviceAccounts: ['team-a/backup'],
          characters: JSON.stringify(backup).length,
          policy: backup,
        },
      ],
    });
    const one = await irsa('trust-policy', '--from-cluster', '--role', role('ops/backup'));
    expect(JSON.parse(one.stdout)).toEqual(backup);
  });

  test('irsa trust-policy takes the prefix and the namespace it is told', async () => {
    const prefixed = await irsa('trust-policy', '--from-cluster', '--annotation-prefix', 'example.com');
    expect(JSON.parse(prefixed.stdout).items).toMatchObject([{ serviceAccounts: ['team-a/other-prefix'] }]);
    const ofNamespace = await irsa('trust-policy', '--from-cluster', '-n', 'team-b');
    expect(JSON.parse(ofNamespace.stdout).items).toMatchObject([{ serviceAccounts: ['team-b/worker'] }]);
    const none = await irsa('trust-policy', '--from-cluster', '--role', role('nobody'), '-n', 'team-b');
    expect(none).toEqual({
      code: 3,
      stdout: '',
      stderr: `error: ${cluster.url}/: expected ServiceAccounts with the role ${role('nobody')}, found none\n`,
    });
  });

  test('the policy of a role lets the AWS SDK assume it with the token of such a ServiceAccount, and of no other', async () => {
    const { stdout } = await irsa('trust-policy', '--from-cluster', '--role', role('app'));
    await using sts = await startSts({
      providers: [{ issuer: cluster.url, audiences: ['sts.amazonaws.com', 'vault'], ca: cluster.ca }],
      roles: [{ arn: role('app'), trustPolicy: JSON.parse(stdout) }],
    });
    const kindOf = async (namespace: string, name: string, audience: string): Promise<string> => {
      const token = await requestToken(admin, namespace, name, { audience });
      const file = await folder.write(`${namespace}-${name}-${audience}`, token);
      const { kind } = await whoAmI({
        AWS_ROLE_ARN: role('app'),
        AWS_WEB_IDENTITY_TOKEN_FILE: file,
        AWS_REGION: 'eu-central-1',
        AWS_ENDPOINT_URL_STS: sts.url,
      });
      return kind;
    };
    expect(await kindOf('team-a', 'app', 'sts.amazonaws.com')).toBe('identified');
    expect(await kindOf('team-b', 'worker', 'sts.amazonaws.com')).toBe('identified');
    expect(await kindOf('team-a', 'vault', 'vault')).toBe('identified');
    expect(await kindOf('team-a', 'backup', 'sts.amazonaws.com')).toBe('refused');
    expect(await kindOf('team-b', 'default', 'sts.amazonaws.com')).toBe('refused');
    expect(await kindOf('team-a', 'app', 'vault')).toBe('refused');
  });
});
