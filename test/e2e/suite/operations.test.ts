import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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

  test('reads in the log what was decided, as JSON with the fields documented', async () => {
    const text = await kubectl('logs', ...ofWebhook, '--container', 'webhook', '--tail=-1');
    const lines: readonly Record<string, unknown>[] = text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    const ofEveryLine = { level: expect.any(String), ts: expect.any(String), msg: expect.any(String) };
    for (const line of lines) expect(line).toMatchObject(ofEveryLine);

    const page = await readFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'logs.md'), 'utf8');
    const documented = [...page.matchAll(/^\| `(\w+)`/gm)].map(match => match[1]);
    const ofReview = lines.find(line => line['namespace'] === namespace && line['decision'] === 'mutated') ?? {};
    // The detail says why a pod was not mutated.
    const expected = [...Object.keys(ofEveryLine), ...documented].filter(field => field !== 'detail');
    expect(new Set(Object.keys(ofReview))).toEqual(new Set(expected));
    expect(ofReview).toMatchObject({ serviceAccount: 'reader', role, dryRun: false });
  });

  test('finds the decisions in the metrics of a replica', async () => {
    const [pod = ''] = (await kubectl('get', 'pods', ...ofWebhook, '--output', 'name')).split('\n');
    const path = `/api/v1/namespaces/${releaseNamespace}/pods/${pod.replace('pod/', '')}:9999/proxy/metrics`;
    expect(await kubectl('get', '--raw', path)).toMatch(/^irsa_webhook_\w+/m);
  });
});
