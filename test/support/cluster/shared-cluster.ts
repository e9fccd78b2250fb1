import { afterAll, describe, expect, inject, test } from 'vitest';
import { connect, type KubernetesClient } from './client.ts';
import type { ClusterAccess } from './cluster-files.ts';
import { withOwnNames } from './own-names.ts';

/** The cluster that all files of the project `apiserver` share, or why there is none. */
export type SharedCluster =
  | ({ readonly kind: 'available' } & ClusterAccess)
  | { readonly kind: 'unavailable'; readonly detail: string };

declare module 'vitest' {
  interface ProvidedContext {
    readonly cluster: SharedCluster;
  }
}

/** For a suite whose tests are the steps of one story: it stays in order where tests are shuffled. */
export const inOrder = { shuffle: false } as const;

export interface SuiteOptions {
  /** What it creates for the whole cluster under names that are not its own, since others decide them. */
  readonly sharedNames?: readonly string[];
  /** Whether each test goes on where the one before has ended. */
  readonly isStory?: boolean;
}

/**
 * A suite that needs the shared cluster and its admin's client; skipped, visibly, where there can be none. All files use the
 * same cluster at the same time, in any order: the names of namespaces, and of what else the cluster shares, begin with the
 * file's name, but for those of the options. One that restarts an API server starts a cluster for that.
 */
export function describeOnCluster(
  name: string,
  suite: (cluster: ClusterAccess, admin: KubernetesClient) => void,
  { sharedNames = [], isStory = false }: SuiteOptions = {},
): void {
  const cluster = inject('cluster');
  if (cluster.kind === 'unavailable') {
    describe(name, () => test.skip(`needs a cluster: ${cluster.detail}`));
    return;
  }
  describe(name, { ...(isStory && inOrder) }, () => {
    const admin = connect({ ...cluster, token: cluster.adminToken });
    afterAll(() => admin[Symbol.dispose]());
    suite(cluster, withOwnNames(admin, expect.getState().testPath ?? '', sharedNames));
  });
}
