import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/util/json.ts';
import { connect, succeeded, type KubernetesClient } from '../support/cluster/client.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { diffPods } from '../demo/pod-diff.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';

const program = join(import.meta.dirname, '..', 'demo', 'demo.ts');
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const namespacePath = '/api/v1/namespaces/irsa-demo';
const clusterPaths = [
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/irsa-demo',
  `${rbac}/clusterroles/irsa-demo`,
  `${rbac}/clusterrolebindings/irsa-demo`,
];
/** It is shown in the README. */
const maxLines = 70;

let folder: TempFolder;
beforeEach(async () => {
  folder = await createTempFolder();
  await mkdir(join(folder.path, 'tmp'));
});
afterEach(() => folder[Symbol.asyncDispose]());

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  /** What it left in its folder for temporary files. */
  readonly leftFiles: readonly string[];
}

interface RunOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Sends SIGINT as soon as this has been printed. */
  readonly interruptAt?: string;
}

/** Runs the demo with nothing of this process's environment but what finds Go and the programs of a cluster. */
async function runDemo({ environment, interruptAt }: RunOptions = {}): Promise<Outcome> {
  const { PATH, HOME, XDG_CACHE_HOME, KUBEBUILDER_ASSETS } = process.env;
  const temporary = join(folder.path, 'tmp');
  const env = { PATH, HOME, XDG_CACHE_HOME, KUBEBUILDER_ASSETS, TMPDIR: temporary, ...environment };
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const before = printed;
    printed += chunk;
    if (interruptAt === undefined || before.includes(interruptAt) || !printed.includes(interruptAt)) return;
    child.kill('SIGINT');
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await exited;
  return { stdout, stderr, exitCode: child.exitCode, leftFiles: await readdir(temporary) };
}

/** The facts that the demo is there to show. */
function expectEverythingShown({ stdout, stderr, exitCode, leftFiles }: Outcome): void {
  expect({ stderr, exitCode, leftFiles }).toEqual({ stderr: '', exitCode: 0, leftFiles: [] });
  expect(stdout).toMatch(/kube-apiserver v1\.\d+\.\d+/);
  expect(stdout).toContain('eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/demo');
  expect(stdout).toMatch(/ready after \d+\.\d s/);
  expect(stdout).toContain('failurePolicy Ignore');
  expect(stdout).toMatch(/^ {3}\+ +- name: AWS_ROLE_ARN\n {3}\+ +value: arn:aws:iam::111122223333:role\/demo$/m);
  expect(stdout).toMatch(/^ {3}\+ +- serviceAccountToken:\n {3}\+ +audience: sts\.amazonaws\.com$/m);
  expect(stdout).not.toMatch(/^ {3}- /m);
  expect(stdout).toMatch(/INFO {2}Pod was mutated\. [^]*pod=app [^]*reason=identity_injected/);
  expect(stdout).toMatch(/alg {2}RS256\n {3}kid {2}\S+\n {3}iss {2}https:\S+\n/);
  expect(stdout).toMatch(
    /sub {2}system:serviceaccount:irsa-demo:app\n {3}aud {2}sts\.amazonaws\.com\n {3}exp {2}\S+Z, 86400 s/,
  );
  expect(stdout).toContain('arn:aws:sts::111122223333:assumed-role/demo/app');
  expect(stdout).toMatch(/no difference\n[^]*Pod was not mutated\.[^]*pod=plain[^]*reason=no_role/);
}

describeOnCluster(
  'the demo on a given cluster',
  (cluster, admin) => {
    const environment = { DEMO_KUBECONFIG: cluster.kubeconfig };

    /** As the controller manager does, which this cluster is without. */
    afterEach(async () => {
      const body = { metadata: { name: 'irsa-demo' }, spec: { finalizers: [] } };
      await admin.replace(`${namespacePath}/finalize`, body);
    });

    test('shows everything, and removes all that it created', async () => {
      expectEverythingShown(await runDemo({ environment }));
      await expectNothingLeft(admin);
    });

    test('removes all that it created when it is interrupted', async () => {
      const { stderr, exitCode, leftFiles } = await runDemo({ environment, interruptAt: '\n3. ' });
      expect(stderr).toMatch(/^\nInterrupted by SIGINT: .*\nEverything that was created is removed\.\n$/);
      expect({ exitCode, leftFiles }).toEqual({ exitCode: 130, leftFiles: [] });
      await expectNothingLeft(admin);
    });

    test('says what to set when the API server cannot reach the webhook, and removes all that it created', async () => {
      const unreachable = { ...environment, DEMO_WEBHOOK_HOST: 'webhook.invalid' };
      const { stderr, exitCode, leftFiles } = await runDemo({ environment: unreachable });
      expect(stderr).toMatch(
        /^expected the API server to call the webhook at https:\/\/webhook\.invalid:\d+\/mutate.*\n$/,
      );
      expect(stderr).toContain('set DEMO_WEBHOOK_HOST');
      expect({ exitCode, leftFiles }).toEqual({ exitCode: 1, leftFiles: [] });
      await expectNothingLeft(admin);
    });

    test('leaves alone what has one of its names', async () => {
      succeeded(await admin.create(`${rbac}/clusterroles`, { metadata: { name: 'irsa-demo' } }));
      const { stderr, exitCode } = await runDemo({ environment });
      expect(stderr).toMatch(/^expected nothing of the demo in the cluster, found clusterroles\/irsa-demo: .*\n$/);
      expect(exitCode).toBe(1);
      succeeded(await admin.delete(`${rbac}/clusterroles/irsa-demo`));
      expect((await admin.get(namespacePath)).status).toBe(404);
    });

    test('says what is wrong when the kubeconfig cannot be read', async () => {
      const { stderr, exitCode } = await runDemo({ environment: { DEMO_KUBECONFIG: '/no/such/file' } });
      expect(stderr).toMatch(/^kubeconfig \/no\/such\/file: expected a readable kubeconfig: .*\n$/);
      expect(exitCode).toBe(1);
    });
  },
  { sharedNames: ['irsa-demo'] },
);

describe('diffPods()', () => {
  const pod = (spec: object): JsonObject => ({ metadata: { name: 'app', uid: 'new each time' }, spec });
  const fields = { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 };

  test.each([
    { name: 'nothing when only what the API server keeps for itself differs', after: fields, expected: [] },
    {
      name: 'what was removed and added, with a line around it, and gaps of two lines or more',
      after: { a: 2, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1 },
      expected: ['same spec:', 'removed a: 1', 'added a: 2', 'same b: 1', 'gap ', 'same f: 1', 'added g: 1'],
    },
  ])('gives $name', ({ after, expected }) => {
    const lines = diffPods(pod(fields), { ...pod(after), status: {} });
    expect(lines.map(({ kind, text }) => `${kind} ${text.trim()}`)).toEqual(expected);
  });
});

/** The namespace itself goes when the cluster has emptied it. */
async function expectNothingLeft(admin: KubernetesClient): Promise<void> {
  for (const path of clusterPaths) expect(await admin.get(path), path).toMatchObject({ status: 404 });
  for (const resource of ['pods', 'serviceaccounts']) {
    expect(await admin.get(`${namespacePath}/${resource}`), resource).toMatchObject({ body: { items: [] } });
  }
  expect(await admin.get(namespacePath)).toMatchObject({ body: { status: { phase: 'Terminating' } } });
}

describeOnCluster('the demo', () => {
  test('starts a cluster where none is given, and ends it', async () => {
    const outcome = await runDemo();
    expectEverythingShown(outcome);
    expect(outcome.stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(maxLines);
    const [url = ''] = /https:\/\/127\.0\.0\.1:\d+/.exec(outcome.stdout) ?? [];
    using client = connect({ url, ca: '' });
    await expect(client.get('/version')).rejects.toThrow('ECONNREFUSED');
  });

  test('takes a kubeconfig with a client certificate, and an issuer whose keys only its pods can reach', async () => {
    const authority = createCertificateAuthority();
    const clientCa = await folder.write('client-ca.crt', authority.certificate);
    const keys = 'https://kubernetes.default.svc.cluster.local/openid/v1/jwks';
    const apiServerFlags = [`--client-ca-file=${clientCa}`, `--service-account-jwks-uri=${keys}`];
    await using cluster = await startCluster({ apiServerFlags });
    using admin = connect({ ...cluster, token: cluster.adminToken });
    await makeAdmin(admin, 'demonstrator');
    const { certificate, key } = authority.issue({ commonName: 'demonstrator' });
    const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
    const entry = { server: cluster.url, 'certificate-authority-data': base64(cluster.ca) };
    const kubeconfig = join(folder.path, 'kubeconfig');
    await writeFile(kubeconfig, renderKubeconfig(entry, user));
    expectEverythingShown(await runDemo({ environment: { DEMO_KUBECONFIG: kubeconfig } }));
    await expectNothingLeft(admin);
  });
});

async function makeAdmin(admin: KubernetesClient, name: string): Promise<void> {
  const apiGroup = 'rbac.authorization.k8s.io';
  const roleRef = { apiGroup, kind: 'ClusterRole', name: 'cluster-admin' };
  const subjects = [{ apiGroup, kind: 'User', name }];
  succeeded(await admin.create(`${rbac}/clusterrolebindings`, { metadata: { name }, roleRef, subjects }));
}

function base64(content: string): string {
  return Buffer.from(content).toString('base64');
}

/** JSON is YAML too. */
function renderKubeconfig(cluster: object, user: object): string {
  const name = 'given';
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}

describe('the demo without a cluster and without Go', () => {
  test('says in one line what to install', async () => {
    const environment = { PATH: folder.path, XDG_CACHE_HOME: folder.path, KUBEBUILDER_ASSETS: '' };
    const { stdout, stderr, exitCode } = await runDemo({ environment });
    expect(stderr).toMatch(
      /^Go 1\.26 or newer is needed .*, found none: install it from https:\/\/go\.dev\/dl, or .*KUBEBUILDER_ASSETS .*, or DEMO_KUBECONFIG .*\n$/,
    );
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
  });
});
