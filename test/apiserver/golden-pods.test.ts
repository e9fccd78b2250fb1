import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  succeeded,
  type CallOptions,
  type KubernetesAnswer,
  type KubernetesClient,
} from '../support/cluster/client.ts';
import type { ClusterAccess } from '../support/cluster/cluster-files.ts';
import { createNamespace, createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { readGoldenCases, type GoldenCase } from '../support/golden-cases.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { podOf, type Container, type Pod, type Volume } from './pods.ts';
import { runRegisteredWebhook } from './registered-webhook.ts';

/** A case with the namespace that stands for `golden` in it. */
interface PlacedCase extends GoldenCase {
  readonly namespace: string;
}

/** Golden cases that one program can serve: it has one set of flags and one mapping. */
interface Group {
  readonly namespace: string;
  readonly flags: readonly string[];
  readonly mapping: object | undefined;
  readonly cases: readonly PlacedCase[];
}

function groupCases(cases: readonly GoldenCase[]): readonly Group[] {
  const groups = Map.groupBy(cases, ({ account, settings }) => JSON.stringify([settings.flags, account.mapping]));
  return [...groups.values()].map((members, index) => ({
    namespace: `golden-pods-${index}`,
    flags: members[0]?.settings.flags ?? [],
    mapping: members[0]?.account.mapping,
    cases: members.map((member, place) => ({ ...member, namespace: `golden-pods-${index}-${place}` })),
  }));
}

const groups = groupCases(await readGoldenCases());

/** No webhook is called for pods of this one. */
const plainNamespace = 'golden-pods-plain';

describeOnCluster('a golden pod', (cluster, admin) => {
  beforeAll(async () => {
    await createNamespace(admin, plainNamespace);
    await createServiceAccount(admin, plainNamespace, 'app');
  });

  for (const group of groups) {
    describe(group.flags.join(' ') || 'without flags', () => {
      let serving: AsyncDisposable;
      beforeAll(async () => {
        serving = await serveGroup(cluster, admin, group);
      });
      afterAll(() => serving[Symbol.asyncDispose]());

      test.each(group.cases)('is stored with what it lacks: $name', async ({ folder, namespace, pod }) => {
        // A pod that is refused without any webhook would be a fault of the case.
        succeeded(await create(admin, plainNamespace, pod, { dryRun: true }));
        const expected: Pod = JSON.parse(await readFile(join(folder, 'expected-pod.json'), 'utf8'));
        expectToHold(podOf(await create(admin, namespace, pod, { dryRun: true })), expected);
        expectToHold(podOf(await create(admin, namespace, pod)), expected);
      });
    });
  }
});

function create(
  admin: KubernetesClient,
  namespace: string,
  pod: object,
  options?: CallOptions,
): Promise<KubernetesAnswer> {
  return admin.create(`/api/v1/namespaces/${namespace}/pods`, pod, options);
}

/** Starts and registers the program of a group; the disposal ends it. */
async function serveGroup(cluster: ClusterAccess, admin: KubernetesClient, group: Group): Promise<AsyncDisposable> {
  const namespaces = group.cases.map(({ namespace }) => namespace);
  for (const { account, namespace } of group.cases) {
    await createNamespace(admin, namespace);
    await createServiceAccount(admin, namespace, 'app', account.annotations);
  }
  await using resources = new AsyncDisposableStack();
  const files = resources.use(await createTempFolder());
  const associations = await files.write('associations.json', associationsOf(group));
  resources.use(
    await runRegisteredWebhook(admin, cluster, {
      namespace: group.namespace,
      flags: [...group.flags, `--watch-container-credentials-config=${associations}`],
      ...(group.mapping !== undefined && { mapping: mappingFor(group.mapping, namespaces) }),
      registration: { namespaces },
    }),
  );
  return resources.move();
}

function associationsOf({ cases }: Group): string {
  const identities = cases
    .filter(({ account }) => account.associated)
    .map(({ namespace }) => ({ namespace, serviceAccount: 'app' }));
  return JSON.stringify({ identities });
}

/** The entry of `golden/app` for each of the namespaces. Patterns match them as they are. */
function mappingFor(mapping: object, namespaces: readonly string[]): string {
  const entries = Object.entries(mapping).flatMap(([key, entry]) =>
    key === 'golden/app' ? namespaces.map(namespace => [`${namespace}/app`, entry]) : [[key, entry]],
  );
  return JSON.stringify(Object.fromEntries(entries));
}

/** The API server adds its own volume and mounts, and defaults; the order of the rest is as expected. */
function expectToHold(stored: Pod, expected: Pod): void {
  const { volumes = [], containers, initContainers = [] } = stored.spec;
  const own = volumes.filter(isOfApiServer);
  expect(volumes).toMatchObject([...(expected.spec.volumes ?? []).map(withAnyJitter), ...own]);
  expectContainers(containers, expected.spec.containers);
  expectContainers(initContainers, expected.spec.initContainers ?? []);
  expect(stored.metadata.labels ?? {}).toEqual(expected.metadata.labels ?? {});
}

function expectContainers(stored: readonly Container[], expected: readonly Container[]): void {
  const changed = (container: Container) => ({
    name: container.name,
    // The API server leaves out an empty value.
    env: (container.env ?? []).map(({ value, ...variable }) => (value ? { ...variable, value } : variable)),
    volumeMounts: (container.volumeMounts ?? []).filter(mount => !isOfApiServer(mount)),
  });
  expect(stored.map(changed)).toMatchObject(expected.map(changed));
}

function isOfApiServer({ name }: { readonly name: string }): boolean {
  return name.startsWith('kube-api-access-');
}

/** Golden pods are made with one random number; in life the expiration is spread (E126). */
const jitter = { from: 79_200, to: 86_400 } as const;

function withAnyJitter(volume: Volume): object {
  const [source] = volume.projected?.sources ?? [];
  const seconds = source?.serviceAccountToken?.expirationSeconds ?? 0;
  if (volume.name !== 'eks-pod-identity-token' || seconds < jitter.from) return volume;
  const isJittered = (value: unknown): boolean => Number(value) >= jitter.from && Number(value) <= jitter.to;
  const token = { ...source?.serviceAccountToken, expirationSeconds: expect.toSatisfy(isJittered) };
  return { ...volume, projected: { sources: [{ serviceAccountToken: token }] } };
}
