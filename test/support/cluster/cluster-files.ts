import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCertificateAuthority } from '../certificates.ts';

/** How to reach a cluster; plain data, so that it can be handed to another process. */
export interface ClusterAccess {
  /** Also the issuer of its service account tokens, readable by anybody. */
  readonly url: string;
  /** PEM of the authority of the serving certificate. */
  readonly caFile: string;
  readonly ca: string;
  /** Of a user in `system:masters`. */
  readonly adminToken: string;
  /** A kubeconfig file for that user. */
  readonly kubeconfig: string;
}

/** Writes keys, certificates and tokens for a cluster that will serve on the port, and tells how to reach it. */
export async function writeClusterFiles(folder: string, port: number): Promise<ClusterAccess> {
  const url = `https://127.0.0.1:${port}`;
  const authority = createCertificateAuthority({ commonName: 'test cluster' });
  const serving = authority.issue({ hosts: ['127.0.0.1', 'localhost', 'kubernetes.default.svc'] });
  const accountKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const adminToken = randomBytes(16).toString('hex');
  const files = {
    'ca.crt': authority.certificate,
    'serving.crt': serving.certificate,
    'serving.key': serving.key,
    'service-account.key': accountKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'service-account.pub': accountKeys.publicKey.export({ type: 'spki', format: 'pem' }),
    'tokens.csv': `${adminToken},admin,admin,"system:masters"\n`,
    kubeconfig: renderKubeconfig(url, authority.certificate, adminToken),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content, { mode: 0o600 });
  return {
    url,
    caFile: join(folder, 'ca.crt'),
    ca: authority.certificate,
    adminToken,
    kubeconfig: join(folder, 'kubeconfig'),
  };
}

/** JSON is YAML too. */
function renderKubeconfig(url: string, ca: string, token: string): string {
  const name = 'test';
  const authority = Buffer.from(ca).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': authority } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
