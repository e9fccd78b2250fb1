import type { TestProject } from 'vitest/node';
import { prepareBinaries } from './build.ts';
import { startCluster } from './cluster.ts';
import type { SharedCluster } from './shared-cluster.ts';

/**
 * Starts the cluster that the files of the project `apiserver` share. Where it cannot be built the tests are skipped, with
 * one line that says what to install; with CI=true that is a failure.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const provide = (cluster: SharedCluster): void => project.provide('cluster', cluster);
  const binaries = await prepareBinaries();
  if (binaries.kind === 'unavailable') {
    if (process.env['CI'] === 'true') throw new Error(binaries.detail);
    process.stderr.write(`Skipping the tests on a real API server: ${binaries.detail}\n`);
    provide(binaries);
    return async () => {};
  }
  const cluster = await startCluster({ binaries: binaries.folder });
  const { url, ca, caFile, adminToken, kubeconfig } = cluster;
  provide({ kind: 'available', url, ca, caFile, adminToken, kubeconfig });
  return () => cluster.stop();
}
