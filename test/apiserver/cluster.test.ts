import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type KubernetesClient } from '../support/cluster/client.ts';
import type { ClusterAccess } from '../support/cluster/cluster-files.ts';
import { startCluster, type Cluster } from '../support/cluster/cluster.ts';
import { createNamespace, createPod, createServiceAccount, requestToken } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { createWebhookAccount } from '../support/cluster/webhook-account.ts';
import { registerWebhook } from '../support/cluster/webhook-registration.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';
import { startSts } from '../support/sts/sts-server.ts';
import { webIdentityPolicy } from '../support/sts/web-identity-policy.ts';
import { whoAmI, type CallerIdentity } from '../support/sts/who-am-i.ts';
import { createTempFolder } from '../support/temp-folder.ts';

const audience = 'sts.amazonaws.com';
const account = '111122223333';
const roleArn = `arn:aws:iam::${account}:role/app`;

/** Exchanges the token with the AWS SDK, at an STS that trusts the cluster and lets team-a/app assume the role. */
async function exchange(
  { url, ca }: ClusterAccess,
  namespace: string,
  token: string,
  nowMs = Date.now(),
): Promise<CallerIdentity> {
  const trustPolicy = webIdentityPolicy({ account, issuer: url, namespace, serviceAccount: 'app' });
  await using sts = await startSts({
    providers: [{ issuer: url, audiences: [audience], ca }],
    roles: [{ arn: roleArn, trustPolicy }],
    now: () => nowMs,
  });
  await using folder = await createTempFolder();
  return await whoAmI({
    AWS_ROLE_ARN: roleArn,
    AWS_WEB_IDENTITY_TOKEN_FILE: await folder.write('token', token),
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_STS: sts.url,
  });
}

/** A longer life, under the old signature. */
function tamper(token: string): string {
  const [header, , signature] = token.split('.');
  const { exp = 0, ...claims } = decodeJwt(token);
  const forged = JSON.stringify({ ...claims, exp: exp + 86_400 });
  return [header, Buffer.from(forged).toString('base64url'), signature].join('.');
}

describeOnCluster('a token of the cluster, at STS', (cluster, admin) => {
  const namespace = 'cluster-test-sts';

  beforeAll(async () => {
    await createNamespace(admin, namespace);
    await createServiceAccount(admin, namespace, 'app');
    await createServiceAccount(admin, namespace, 'other');
  });

  test('is accepted, by the keys that the API server publishes', async () => {
    const token = await requestToken(admin, namespace, 'app', { audience });
    expect(await exchange(cluster, namespace, token)).toMatchObject({
      kind: 'identified',
      arn: expect.stringMatching(`^arn:aws:sts::${account}:assumed-role/app/`),
    });
  });

  test('is accepted when it is bound to a pod, as the kubelet requests it', async () => {
    const { body, status } = await createPod(admin, namespace, { name: 'bound', serviceAccount: 'app' });
    expect(status).toBe(201);
    const { name, uid } = body['metadata'] as { name: string; uid: string };
    const token = await requestToken(admin, namespace, 'app', { audience, boundPod: { name, uid } });
    expect(decodeJwt(token)).toMatchObject({ sub: `system:serviceaccount:${namespace}:app`, aud: [audience] });
    expect(await exchange(cluster, namespace, token)).toMatchObject({ kind: 'identified' });
  });

  test.each<{ name: string; expected: object; token: () => Promise<string>; nowMs?: number }>([
    {
      name: 'of another audience',
      expected: { name: 'InvalidIdentityTokenException', message: 'Incorrect token audience' },
      token: () => requestToken(admin, namespace, 'app', { audience: 'vault' }),
    },
    {
      name: 'for the API server',
      expected: { name: 'InvalidIdentityTokenException', message: 'Incorrect token audience' },
      token: () => requestToken(admin, namespace, 'app'),
    },
    {
      name: 'of another ServiceAccount',
      expected: { name: 'AccessDenied', message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' },
      token: () => requestToken(admin, namespace, 'other', { audience }),
    },
    {
      name: 'that has expired',
      expected: { name: 'ExpiredTokenException', message: expect.stringContaining('Token expired') },
      token: () => requestToken(admin, namespace, 'app', { audience, expirationSeconds: 600 }),
      nowMs: Date.now() + 700_000,
    },
    {
      name: 'that was tampered with',
      expected: { name: 'InvalidIdentityTokenException', message: expect.stringContaining('signature') },
      token: async () => tamper(await requestToken(admin, namespace, 'app', { audience })),
    },
  ])('is refused when it is one $name', async ({ expected, token, nowMs }) => {
    expect(await exchange(cluster, namespace, await token(), nowMs)).toEqual({ kind: 'refused', ...expected });
  });
});

describeOnCluster('the helpers for webhooks', (cluster, admin) => {
  const namespace = 'cluster-test-webhook';
  beforeAll(() => createNamespace(admin, namespace));

  test('registerWebhook() has it called from then on, for its namespaces only', async () => {
    await createNamespace(admin, `${namespace}-other`);
    await using webhook = await startRefusingWebhook();
    const { url, caBundle } = webhook;
    const registration = {
      name: 'cluster-test',
      url,
      caBundle,
      namespaces: [namespace],
      failurePolicy: 'Fail',
    } as const;
    await using _first = await registerWebhook(admin, registration);
    await using _second = await registerWebhook(admin, { ...registration, name: 'cluster-test-second' });
    expect(webhook.pods).toEqual([]);

    const refused = await createPod(admin, namespace, { name: 'app' });
    expect(refused).toMatchObject({ status: 418, warnings: ['a "quoted" warning'] });
    expect((await createPod(admin, `${namespace}-other`, { name: 'app', dryRun: true })).status).toBe(201);
    expect(webhook.pods).toEqual(['app']);
  });

  test('createWebhookAccount() gives a folder as in a pod, whose token may do what was granted', async () => {
    await using account = await createWebhookAccount(admin, cluster, { namespace, permissions: ['configmaps'] });
    expect((await readdir(account.folder)).sort()).toEqual(
      expect.arrayContaining(['..data', 'ca.crt', 'namespace', 'token']),
    );
    const read = (name: string): Promise<string> => readFile(join(account.folder, name), 'utf8');
    const statusOf = async (path: string): Promise<number> => {
      using client = connect({ url: cluster.url, ca: await read('ca.crt'), token: await read('token') });
      return (await client.get(path)).status;
    };
    expect(await read('namespace')).toBe(namespace);
    expect(await statusOf(`/api/v1/namespaces/${namespace}/configmaps`)).toBe(200);
    expect(await statusOf('/api/v1/serviceaccounts')).toBe(403);

    const before = await read('token');
    await account.rotateToken();
    await account.grant('serviceaccounts');
    expect(await read('token')).not.toBe(before);
    expect(await statusOf('/api/v1/serviceaccounts?watch=true&timeoutSeconds=1')).toBe(200);
    expect(await statusOf('/api/v1/secrets')).toBe(403);
  });
});

interface RefusingWebhook extends AsyncDisposable {
  readonly url: string;
  readonly caBundle: string;
  readonly pods: readonly string[];
}

/** Refuses every pod with a status and a warning that nothing else gives. */
async function startRefusingWebhook(): Promise<RefusingWebhook> {
  const authority = createCertificateAuthority();
  const { certificate, key } = authority.issue();
  const pods: string[] = [];
  const refuse = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const review = JSON.parse(await text(request));
    pods.push(review.request.name);
    const answer = { uid: review.request.uid, allowed: false, status: { code: 418 }, warnings: ['a "quoted" warning'] };
    response.end(JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, response: answer }));
  };
  const server = createServer({ cert: certificate, key }, (request, response) => void refuse(request, response));
  const { port, close } = await listenOnLoopback(server);
  return { url: `https://127.0.0.1:${port}/`, caBundle: authority.certificate, pods, [Symbol.asyncDispose]: close };
}

describeOnCluster('startCluster()', () => {
  let cluster: Cluster;
  let admin: KubernetesClient;

  beforeAll(async () => {
    cluster = await startCluster({ apiServerFlags: ['--service-account-max-token-expiration=1h'] });
    admin = connect({ ...cluster, token: cluster.adminToken });
  });

  afterAll(async () => {
    admin[Symbol.dispose]();
    await cluster.stop();
  });

  test('can stop its API server at once and start it again with the same data, address and keys', async () => {
    await createNamespace(admin, 'kept');
    const token = await requestToken(admin, 'kept', 'default');
    await cluster.stopApiServer();
    await expect(admin.get('/readyz')).rejects.toThrow();
    await cluster.startApiServer();
    expect((await admin.get('/api/v1/namespaces/kept')).status).toBe(200);
    // Known, though not allowed to: 403 rather than 401.
    expect((await admin.get('/api/v1/namespaces/kept', { token })).status).toBe(403);
    expect((await cluster.logs()).match(/Serving securely on 127\.0\.0\.1/g)).toHaveLength(2);
  });

  test('adds flags to its own', async () => {
    await createNamespace(admin, 'flags');
    const { iat = 0, exp } = decodeJwt(
      await requestToken(admin, 'flags', 'default', { audience, expirationSeconds: 7200 }),
    );
    expect(exp).toBe(iat + 3600);
  });

  test('says what is wrong when the API server does not start', async () => {
    await expect(startCluster({ apiServerFlags: ['--no-such-flag'] })).rejects.toThrow(/unknown flag: --no-such-flag/);
  });
});
