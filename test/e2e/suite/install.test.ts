import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { application, getPod, roleOf } from '../support/application.ts';
import { apply, kubectl } from '../support/kubectl.ts';
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
  beforeAll(uninstallRelease);

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
    const kinds = 'mutatingwebhookconfigurations,clusterroles,clusterrolebindings,validatingadmissionpolicies';
    expect(await kubectl('get', kinds, '--output', 'name')).not.toContain('irsa-webhook');
    const ofNamespace =
      'deployments,services,serviceaccounts,roles,rolebindings,configmaps,poddisruptionbudgets,secrets';
    expect(await kubectl('get', ofNamespace, '--namespace', releaseNamespace, '--output', 'name')).not.toContain(
      'irsa-webhook',
    );

    await installRelease();
    await apply(application({ namespace, name: 'again', serviceAccount: 'first' }));
    expect(roleOf(await getPod(namespace, 'again'))).toBe(role);
  });
});
