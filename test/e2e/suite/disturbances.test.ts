import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { succeeded, type KubernetesClient } from '../../support/cluster/client.ts';
import { waitFor } from '../../support/wait-for.ts';
import { createCertificateAuthority } from '../../support/certificates.ts';
import { connectToApi, kubectl, tryKubectl } from '../support/kubectl.ts';
import { roleArn, serviceAccount, useNamespace } from '../support/namespace.ts';
import { changeRelease, release, releaseNamespace } from '../support/release.ts';
import { killReplica } from '../support/kill-replica.ts';
import { createPodsDuring, pendingPod, type Creation } from '../support/pod-stream.ts';

const namespace = useNamespace();
const deployment = `deployment/${release}`;
const configuration = `mutatingwebhookconfiguration/${release}`;
const secret = `${release}-ca`;
let api: KubernetesClient & AsyncDisposable;

beforeAll(async () => {
  api = await connectToApi();
  await changeRelease({ 'mutatingWebhook.failurePolicy': 'Fail' });
});
afterAll(() => api[Symbol.asyncDispose]());

describe('failurePolicy Fail', () => {
  test('injects 200 pods that are created together with their ServiceAccounts', async () => {
    const create = async (index: number): Promise<Creation> => {
      const name = `pair-${index}`;
      const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      succeeded(await api.create(accounts, serviceAccount({ namespace, name, role: roleArn(name) })));
      return pendingPod(api, { namespace, name, serviceAccount: name, role: roleArn(name) });
    };
    const pairs = await Promise.all(Array.from({ length: 200 }, (_, index) => create(index)));
    expect(pairs.filter(({ kind }) => kind !== 'injected')).toEqual([]);
  });

  test.each([
    { disturbance: 'a rolling restart', act: rollingRestart },
    { disturbance: 'the eviction of one replica', act: evictReplica },
    { disturbance: 'the deletion of the CA Secret', act: deleteSecret },
  ])('fails no pod of 20 a second during $disturbance', async ({ act }) => {
    const creations = await createDuring(act);
    expect(creations.length).toBeGreaterThan(100);
    expect(creations.filter(({ kind }) => kind !== 'injected')).toEqual([]);
  });

  // In these two the API server finds nobody at an address that it still has, or somebody whom it is told not to trust, and
  // it does not try again. Nothing that we do can hide that; what we can do is to make it short, and never to answer wrongly.
  // docs/reliability.md has the figures measured: 0.9 s and 0.1 s.
  test.each([
    { disturbance: 'kill -9 of one replica, which the node is to notice', act: killReplica, forMs: 5_000 },
    { disturbance: 'a reset of the bundle, which we are to repair', act: resetBundle, forMs: 2_000 },
  ])('refuses pods for a moment at most after $disturbance', async ({ act, forMs }) => {
    const creations = await createDuring(act);
    expect(creations.length).toBeGreaterThan(100);
    expect(creations.filter(({ kind }) => kind === 'not-injected')).toEqual([]);
    const refused = creations.filter(({ kind }) => kind === 'refused').map(({ at }) => at);
    expect(Math.max(...refused, 0) - Math.min(...refused, Infinity)).toBeLessThan(forMs);
  });
});

function createDuring(act: () => Promise<void>): Promise<readonly Creation[]> {
  return createPodsDuring(api, { namespace, serviceAccount: 'pair-0', role: roleArn('pair-0') }, act);
}

async function rollingRestart(): Promise<void> {
  await kubectl('rollout', 'restart', deployment, '--namespace', releaseNamespace);
  await isRolledOut();
}

async function isRolledOut(): Promise<void> {
  await kubectl('rollout', 'status', deployment, '--namespace', releaseNamespace, '--timeout=120s');
}

async function evictReplica(): Promise<void> {
  const selector = `app.kubernetes.io/instance=${release}`;
  const pods = await kubectl(
    'get',
    'pods',
    '--namespace',
    releaseNamespace,
    '--selector',
    selector,
    '--output',
    'name',
  );
  const name = pods.split('\n')[0]?.replace('pod/', '') ?? '';
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: releaseNamespace } };
  succeeded(await api.create(`/api/v1/namespaces/${releaseNamespace}/pods/${name}/eviction`, eviction));
  await delay(1_000);
  await isRolledOut();
}

async function deleteSecret(): Promise<void> {
  const where = ['--namespace', releaseNamespace];
  await kubectl('delete', 'secret', secret, ...where);
  const isBack = async (): Promise<boolean> => (await tryKubectl('get', 'secret', secret, ...where)).code === 0;
  await waitFor(isBack, { what: 'the CA Secret to be back', timeoutMs: 30_000, intervalMs: 200 });
}

async function resetBundle(): Promise<void> {
  const foreign = Buffer.from(createCertificateAuthority().certificate).toString('base64');
  const patch = [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: foreign }];
  await kubectl('patch', configuration, '--type=json', '--patch', JSON.stringify(patch));
  const isOurs = async (): Promise<boolean> => {
    const path = 'jsonpath={.webhooks[0].clientConfig.caBundle}';
    return (await kubectl('get', configuration, '--output', path)) !== foreign;
  };
  await waitFor(isOurs, { what: 'our bundle to be back', timeoutMs: 30_000, intervalMs: 100 });
}
