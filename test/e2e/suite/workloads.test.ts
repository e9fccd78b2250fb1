import { beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { getPod, podSpec, roleOf, runToEnd, script } from '../support/application.ts';
import { apply, kubectl } from '../support/kubectl.ts';
import { roleArn, serviceAccount, useNamespace } from '../support/namespace.ts';
import { ensureInstalled } from '../support/release.ts';
import { deploySts, type StsStandIn } from '../support/sts.ts';

const namespace = useNamespace();
const roles = { reader: roleArn('reader'), writer: roleArn('writer'), default: roleArn('default') };
let sts: StsStandIn;

beforeAll(async () => {
  await ensureInstalled();
  for (const [name, role] of Object.entries(roles)) await apply(serviceAccount({ namespace, name, role }));
  sts = await deploySts(namespace, { [roles.reader]: 'reader', [roles.writer]: 'writer', [roles.default]: 'default' });
});

describe('the pods of', () => {
  const forever = podSpec({
    serviceAccount: 'reader',
    command: script('setInterval(() => {}, 1000)'),
    spec: { restartPolicy: 'Always' },
  });
  const once = podSpec({ serviceAccount: 'reader', command: script('') });
  const labels = (kind: string): { readonly app: string } => ({ app: kind.toLowerCase() });
  const template = (kind: string, spec: object): object => ({ metadata: { labels: labels(kind) }, spec });
  const running = (kind: string): object => ({
    selector: { matchLabels: labels(kind) },
    template: template(kind, forever),
  });

  test.each([
    { apiVersion: 'apps/v1', kind: 'Deployment', spec: running('Deployment') },
    { apiVersion: 'apps/v1', kind: 'StatefulSet', spec: { ...running('StatefulSet'), serviceName: 'none' } },
    { apiVersion: 'apps/v1', kind: 'DaemonSet', spec: running('DaemonSet') },
    { apiVersion: 'batch/v1', kind: 'Job', spec: { template: template('Job', once) } },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      spec: { schedule: '* * * * *', jobTemplate: { spec: { template: template('CronJob', once) } } },
    },
  ])('a $kind have its identity', async ({ apiVersion, kind, spec }) => {
    await apply({ apiVersion, kind, metadata: { name: kind.toLowerCase(), namespace }, spec });
    const query = ['pods', '--namespace', namespace, '--selector', `app=${kind.toLowerCase()}`, '--output', 'name'];
    const firstPod = async (): Promise<string | undefined> =>
      (await kubectl('get', ...query)).split('\n')[0] || undefined;
    // A CronJob waits for the next full minute.
    const name = await waitFor(firstPod, { what: `a pod of the ${kind}`, timeoutMs: 90_000, intervalMs: 500 });
    expect(roleOf(await getPod(namespace, name.replace('pod/', '')))).toBe(roles.reader);
    await kubectl('delete', kind, kind.toLowerCase(), '--namespace', namespace, '--wait=false');
  });
});

describe('a pod', () => {
  test.each(['reader', 'writer', 'default'])('of the ServiceAccount %s is its role', async account => {
    const output = await runToEnd({ namespace, name: `as-${account}`, serviceAccount: account, sts });
    expect(output).toContain(`:assumed-role/${account}/`);
  });

  test("cannot be another ServiceAccount's role", async () => {
    const env = [
      { name: 'AWS_ENDPOINT_URL_STS', value: sts.url },
      { name: 'AWS_ROLE_ARN', value: roles.writer },
      { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token' },
    ];
    const stolen = { namespace, name: 'stolen', serviceAccount: 'reader', container: { env } };
    await expect(runToEnd(stolen)).rejects.toThrow('AccessDenied');
  });
});
