import { beforeAll, describe, expect, test } from 'vitest';
import { mustRun } from '../machine/command.ts';
import { application, getPod, roleOf } from '../support/application.ts';
import { apply, kubectl } from '../support/kubectl.ts';
import { roleArn, serviceAccount, useNamespace } from '../support/namespace.ts';
import { ensureInstalled, release, releaseNamespace } from '../support/release.ts';

const namespace = useNamespace();
const role = roleArn('reader');
const ofWebhook = ['--namespace', releaseNamespace, '--selector', `app.kubernetes.io/instance=${release}`];

beforeAll(async () => {
  await ensureInstalled();
  await apply(serviceAccount({ namespace, name: 'reader', role }));
  await apply(application({ namespace, name: 'pod', serviceAccount: 'reader' }));
  expect(roleOf(await getPod(namespace, 'pod'))).toBe(role);
});

describe('an operator', () => {
  test('runs `helm test`', async () => {
    await mustRun('helm', ['test', release, '--namespace', releaseNamespace, '--timeout=2m']);
  });

  test('reads in the log what was decided, as JSON', async () => {
    const text = await kubectl('logs', ...ofWebhook, '--container', 'webhook', '--tail=-1');
    const lines: readonly Record<string, unknown>[] = text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    for (const line of lines) expect(line).toMatchObject({ level: expect.any(String), msg: expect.any(String) });
    expect(lines).toContainEqual(expect.objectContaining({ namespace, serviceAccount: 'reader' }));
  });

  test('finds the decisions in the metrics of a replica', async () => {
    const [pod = ''] = (await kubectl('get', 'pods', ...ofWebhook, '--output', 'name')).split('\n');
    const path = `/api/v1/namespaces/${releaseNamespace}/pods/${pod.replace('pod/', '')}:9999/proxy/metrics`;
    expect(await kubectl('get', '--raw', path)).toMatch(/^irsa_webhook_\w+/m);
  });
});
