import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { application, getPod, roleOf } from '../support/application.ts';
import { apply, kubectl } from '../support/kubectl.ts';
import { expectNothingNewSince, listEverything } from '../support/leftovers.ts';
import { roleArn, serviceAccount, useNamespace } from '../support/namespace.ts';
import { installRelease, release, releaseNamespace, uninstallRelease } from '../support/release.ts';

const ofWebhook = ['--namespace', releaseNamespace, '--selector', `app.kubernetes.io/instance=${release}`];
const podList = z.object({
  items: z.array(
    z.object({
      status: z.object({ containerStatuses: z.array(z.object({ ready: z.boolean(), restartCount: z.number() })) }),
    }),
  ),
});
const namespace = useNamespace();
const role = roleArn('first');

describe('helm install --wait', () => {
  let before: readonly string[];

  beforeAll(async () => {
    await uninstallRelease();
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: releaseNamespace } });
    before = await listEverything();
  });

  test('injects the first pod right after it', async () => {
    await apply(serviceAccount({ namespace, name: 'first', role }));
    await installRelease();
    await apply(application({ namespace, name: 'first', serviceAccount: 'first' }));
    expect(roleOf(await getPod(namespace, 'first'))).toBe(role);
  });

  test('runs two replicas that are ready, without a restart', async () => {
    const { items } = podList.parse(JSON.parse(await kubectl('get', 'pods', ...ofWebhook, '--output', 'json')));
    const container = { ready: true, restartCount: 0 };
    expect(items.map(({ status }) => status.containerStatuses)).toEqual([[container], [container]]);
  });

  test('leaves nothing when it is uninstalled, and installs again', async () => {
    await uninstallRelease();
    await expectNothingNewSince(before);

    await installRelease();
    await apply(application({ namespace, name: 'again', serviceAccount: 'first' }));
    expect(roleOf(await getPod(namespace, 'again'))).toBe(role);
  });
});
