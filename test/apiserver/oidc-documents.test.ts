import { generateKeyPairSync } from 'node:crypto';
import { get } from 'node:https';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { ClusterAccess } from '../support/cluster/cluster-files.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { ecKeyPair, privatePem, publicPem, rsaKeyPair } from '../oidc/keys.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { runIrsa } from '../support/run-irsa.ts';
import { createTempFolder } from '../support/temp-folder.ts';

/** What the API server serves at the path, as it is. */
function served({ url, ca }: ClusterAccess, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(new URL(path, url), { ca, agent: false }, response => {
      text(response).then(resolve, reject);
    }).on('error', reject);
  });
}

/** What `irsa oidc` writes for these key files. */
async function written(
  { url }: ClusterAccess,
  keyFiles: readonly string[],
): Promise<{ jwks: string; discovery: string }> {
  const jwks = await runIrsa(['oidc', 'jwks', '--public-key', ...keyFiles]);
  const discovery = await runIrsa(['oidc', 'discovery', '--issuer', url, '--public-key', ...keyFiles]);
  expect([jwks.code, discovery.code]).toEqual([0, 0]);
  return { jwks: jwks.stdout, discovery: discovery.stdout };
}

/** The key that every test cluster has. */
function ownKeyFile({ caFile }: ClusterAccess): string {
  return join(dirname(caFile), 'service-account.pub');
}

describeOnCluster('irsa oidc jwks and discovery', cluster => {
  test('write byte for byte what the API server serves for one RSA key', async () => {
    const { jwks, discovery } = await written(cluster, [ownKeyFile(cluster)]);
    expect(jwks).toBe(await served(cluster, '/openid/v1/jwks'));
    expect(discovery).toBe(await served(cluster, '/.well-known/openid-configuration'));
  });

  test('write byte for byte what the API server serves for many keys of every kind and form', async () => {
    await using folder = await createTempFolder();
    const p256 = ecKeyPair('P-256');
    const files = await Promise.all([
      folder.write('rsa.key', privatePem(rsaKeyPair(3072).privateKey)),
      folder.write('p256.pub', publicPem(p256.publicKey)),
      folder.write('p384.key', privatePem(ecKeyPair('P-384').privateKey)),
      folder.write('p521.pub', publicPem(ecKeyPair('P-521').publicKey)),
      folder.write('rsa-pkcs8.key', rsaKeyPair().privateKey.export({ type: 'pkcs8', format: 'pem' })),
      folder.write('certificate.crt', createCertificateAuthority().certificate),
      // The same once more, with a second key and what belongs to none.
      folder.write(
        'two.pem',
        `${publicPem(p256.publicKey)}some text\n${p256.privateKey.export({ type: 'pkcs8', format: 'pem' })}` +
          publicPem(ecKeyPair('P-521').publicKey),
      ),
    ]);
    const apiServerFlags = files.map(file => `--service-account-key-file=${file}`);
    await using other = await startCluster({ apiServerFlags });
    const { jwks, discovery } = await written(other, [ownKeyFile(other), ...files]);
    expect(JSON.parse(jwks).keys).toHaveLength(9);
    expect(jwks).toBe(await served(other, '/openid/v1/jwks'));
    expect(discovery).toBe(await served(other, '/.well-known/openid-configuration'));
    expect(JSON.parse(discovery).id_token_signing_alg_values_supported).toEqual(['ES256', 'ES384', 'ES512', 'RS256']);
  });

  test.each([
    { name: 'ECDSA in PKCS #8', key: ecKeyPair().privateKey.export({ type: 'pkcs8', format: 'pem' }) },
    { name: 'RSA public key in PKCS #1', key: rsaKeyPair().publicKey.export({ type: 'pkcs1', format: 'pem' }) },
    { name: 'Ed25519', key: generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) },
  ])('refuse what the API server refuses: $name', async ({ key }) => {
    await using folder = await createTempFolder();
    const file = await folder.write('sa.key', key);
    await expect(startCluster({ apiServerFlags: [`--service-account-key-file=${file}`] })).rejects.toThrow(
      'data does not contain any valid RSA or ECDSA public keys',
    );
    expect((await runIrsa(['oidc', 'jwks', '--public-key', file])).code).toBe(3);
  });
});
