import { afterAll, describe, inject, test } from 'vitest';
import { connect, type KubernetesClient } from './client.ts';
import type { ClusterAccess } from './cluster-files.ts';

/** The cluster that all files of the project `apiserver` share, or why there is none. */
export type SharedCluster =
  | ({ readonly kind: 'available' } & ClusterAccess)
  | { readonly kind: 'unavailable'; readonly detail: string };

declare module 'vitest' {
  interface ProvidedContext {
    readonly cluster: SharedCluster;
  }
}

/**
 * A suite that needs the shared cluster and its admin's client; skipped, visibly, where there can be none. All files use the
 * same cluster at the same time: each has namespaces and webhook names of its own, and one that restarts an API server
 * starts a cluster for that.
 */
export function describeOnCluster(
  name: string,
  suite: (cluster: ClusterAccess, admin: KubernetesClient) => void,
): void {
  const cluster = inject('cluster');
  if (cluster.kind === 'unavailable') {
    describe(name, () => test.skip(`needs a cluster: ${cluster.detail}`));
    return;
  }
  describe(name, () => {
    const admin = connect({ ...cluster, token: cluster.adminToken });
    afterAll(() => admin[Symbol.dispose]());
    suite(cluster, admin);
  });
}
