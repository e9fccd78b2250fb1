import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { KubernetesClient } from '../../support/cluster/client.ts';
import { say } from '../machine/progress.ts';
import { apply, connectToApi, kubectl } from '../support/kubectl.ts';
import { roleArn, serviceAccount, useNamespace } from '../support/namespace.ts';
import { pendingPod } from '../support/pod-stream.ts';
import { changeRelease, release, releaseNamespace } from '../support/release.ts';

const mebibyte = 1024 * 1024;
/** Nothing but probes; long enough for what the start has left to be collected. */
const idleMs = 20_000;
/** An empty process of Node.js 26 takes 42, this one 74 where its certificates come from files, and here it makes them. */
const idleMebibytes = 90;

const namespace = useNamespace();
const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({ containerStatuses: z.array(z.object({ restartCount: z.number() })) }),
    }),
  ),
});
let api: KubernetesClient & AsyncDisposable;

beforeAll(async () => {
  api = await connectToApi();
  await apply(serviceAccount({ namespace, name: 'reader', role: roleArn('reader') }));
  await changeRelease({ 'resources.limits.memory': '128Mi', 'mutatingWebhook.failurePolicy': 'Fail' });
});
afterAll(() => api[Symbol.asyncDispose]());

test('replicas live in a container of 128 MiB, idle and while 1,000 pods are created', async () => {
  await delay(idleMs);
  const idle = await residentMebibytes();
  say(`Resident memory of idle replicas: ${idle.join(' and ')} MiB`);
  expect(Math.max(...idle)).toBeLessThan(idleMebibytes);

  for (let batch = 0; batch < 20; batch++) {
    const create = (index: number): ReturnType<typeof pendingPod> =>
      pendingPod(api, { namespace, name: `pod-${batch}-${index}`, serviceAccount: 'reader', role: roleArn('reader') });
    const creations = await Promise.all(Array.from({ length: 50 }, (_, index) => create(index)));
    expect(creations.filter(({ kind }) => kind !== 'injected')).toEqual([]);
  }
  say(`Resident memory after 1,000 pods: ${(await residentMebibytes()).join(' and ')} MiB`);
  for (const { status } of await listReplicas()) expect(status.containerStatuses).toEqual([{ restartCount: 0 }]);
});

async function listReplicas(): Promise<z.infer<typeof podList>['items']> {
  const ofWebhook = ['--namespace', releaseNamespace, '--selector', `app.kubernetes.io/instance=${release}`];
  return podList.parse(JSON.parse(await kubectl('get', 'pods', ...ofWebhook, '--output', 'json'))).items;
}

async function residentMebibytes(): Promise<readonly number[]> {
  const names = (await listReplicas()).map(({ metadata }) => metadata.name);
  return Promise.all(
    names.map(async name => {
      const metrics = `/api/v1/namespaces/${releaseNamespace}/pods/${name}:9999/proxy/metrics`;
      const bytes = /^process_resident_memory_bytes (\S+)$/m.exec(await kubectl('get', '--raw', metrics))?.[1];
      return Math.round(Number(bytes) / mebibyte);
    }),
  );
}
