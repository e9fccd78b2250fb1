import { beforeAll, describe, expect, test } from 'vitest';
import { application, container, outputOf, runToEnd, script } from '../support/application.ts';
import { programImages } from '../machine/image-names.ts';
import { apply } from '../support/kubectl.ts';
import { roleArn, serviceAccount, useNamespace } from '../support/namespace.ts';
import { ensureInstalled } from '../support/release.ts';
import { deploySts, type StsStandIn } from '../support/sts.ts';

const namespace = useNamespace();
const account = 'reader';
const role = roleArn('reader');
const hardened = { runAsNonRoot: true, runAsUser: 10_001 };
const readOnly = { securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false } };
let sts: StsStandIn;

beforeAll(async () => {
  await ensureInstalled();
  await apply(serviceAccount({ namespace, name: account, role }), serviceAccount({ namespace, name: 'plain' }));
  sts = await deploySts(namespace, { [role]: account });
});

describe('an application gets the credentials of its role with nothing but what was injected', () => {
  const awsCli = ['python3', '-m', 'awscli', 'sts', 'get-caller-identity', '--output', 'json'];

  test.each([
    { client: 'the AWS SDK for JavaScript', image: programImages.javascript },
    { client: 'boto3', image: programImages.python },
    { client: 'the AWS SDK for Go', image: programImages.go },
    { client: 'the AWS CLI', image: programImages.python, command: awsCli },
  ])('when it uses $client, as non-root with a read-only root', async ({ client, image, command }) => {
    const name = client.toLowerCase().replaceAll(' ', '-');
    // Without a place for their caches some clients fail even where they need none.
    const spec = { securityContext: hardened, volumes: [{ name: 'tmp', emptyDir: {} }] };
    const withTmp = { ...readOnly, volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }] };
    const options = { namespace, name, serviceAccount: account, image, sts, spec, container: withTmp };
    const output = await runToEnd({ ...options, ...(command !== undefined && { command }) });
    expect(output).toContain('arn:aws:sts::123456789012:assumed-role/reader/');
  });

  test('in an init container and in a native sidecar too', async () => {
    const name = 'init-and-sidecar';
    const forever = script(`
      const { execFileSync } = await import('node:child_process');
      console.log(execFileSync(process.execPath, ['/programs/who-am-i.js']).toString());
      setInterval(() => {}, 1000);
      process.on('SIGTERM', () => process.exit(0));`);
    const sidecar = container('sidecar', { sts, command: forever, container: { restartPolicy: 'Always' } });
    const spec = { initContainers: [container('init', { sts }), sidecar] };
    const options = { namespace, name, serviceAccount: account, spec };
    await apply(application({ ...options, command: script('await new Promise(end => setTimeout(end, 5000))') }));
    await outputOf(namespace, name);
    for (const part of ['init', 'sidecar']) {
      expect(await outputOf(namespace, name, { containerName: part })).toContain('assumed-role/reader/');
    }
  });

  test('and none when its ServiceAccount has no role', async () => {
    const print = script(
      "console.log(JSON.stringify(Object.keys(process.env).filter(name => name.startsWith('AWS_'))))",
    );
    const output = await runToEnd({ namespace, name: 'plain', serviceAccount: 'plain', command: print });
    expect(JSON.parse(output)).toEqual([]);
  });
});

describe('the token file', () => {
  const report = script(`
    const { readFileSync, statSync } = await import('node:fs');
    const file = process.env.AWS_WEB_IDENTITY_TOKEN_FILE;
    const { uid, mode } = statSync(file);
    const claims = JSON.parse(Buffer.from(readFileSync(file, 'utf8').split('.')[1], 'base64url'));
    console.log(JSON.stringify({ file, uid, mode: (mode & 0o777).toString(8), claims }));`);

  test.each([
    { owner: 'root, readable by all, when containers run as they like', name: 'any', spec: {}, uid: 0, mode: '644' },
    {
      owner: 'the one user of all containers',
      name: 'one',
      spec: { securityContext: hardened },
      uid: 10_001,
      mode: '600',
    },
  ])('belongs to $owner', async ({ name, spec, uid, mode }) => {
    const output = await runToEnd({ namespace, name: `token-${name}`, serviceAccount: account, command: report, spec });
    expect(JSON.parse(output)).toMatchObject({
      file: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
      uid,
      mode,
      claims: { aud: ['sts.amazonaws.com'], sub: `system:serviceaccount:${namespace}:${account}` },
    });
  });

  test('lasts a day', async () => {
    const output = await runToEnd({ namespace, name: 'token-life', serviceAccount: account, command: report });
    const { claims } = JSON.parse(output);
    expect(claims.exp - claims.iat).toBe(86_400);
  });
});
