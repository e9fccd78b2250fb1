import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubernetesClient } from '../../support/cluster/client.ts';
import { createTempFolder } from '../../support/temp-folder.ts';
import { waitFor } from '../../support/wait-for.ts';
import { expectNothingNewSince, listEverything } from '../support/leftovers.ts';
import { apply, connectToApi } from '../support/kubectl.ts';
import { roleArn, serviceAccount, useNamespace } from '../support/namespace.ts';
import { createPodsDuring, pendingPod } from '../support/pod-stream.ts';
import { previousChart } from '../support/previous-chart.ts';
import { changeRelease, installRelease, releaseNamespace, uninstallRelease } from '../support/release.ts';

const namespace = useNamespace();
const pods = { namespace, serviceAccount: 'reader', role: roleArn('reader') };
const failurePolicy = { 'mutatingWebhook.failurePolicy': 'Fail' };
let api: KubernetesClient & AsyncDisposable;

beforeAll(async () => {
  api = await connectToApi();
  await uninstallRelease();
  await apply(serviceAccount({ namespace, name: 'reader', role: pods.role }), {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: releaseNamespace },
  });
});
afterAll(() => api[Symbol.asyncDispose]());

/** An older chart may be done before kube-proxy knows its replicas. */
async function waitUntilInjected(): Promise<void> {
  let count = 0;
  const isInjected = async (): Promise<boolean> =>
    (await pendingPod(api, { ...pods, name: `first-${count++}` })).kind === 'injected';
  await waitFor(isInjected, { what: 'a pod to be injected', timeoutMs: 60_000, intervalMs: 500 });
}

describe('an upgrade from the previous chart', () => {
  test('fails no pod of 20 a second, and leaves nothing when it is uninstalled', async () => {
    await using folder = await createTempFolder();
    const before = await listEverything();
    await installRelease(failurePolicy, await previousChart(folder.path));
    await waitUntilInjected();

    const creations = await createPodsDuring(api, pods, () => changeRelease(failurePolicy));
    expect(creations.length).toBeGreaterThan(100);
    expect(creations.filter(({ kind }) => kind !== 'injected')).toEqual([]);

    await uninstallRelease();
    await expectNothingNewSince(before);
  });
});
