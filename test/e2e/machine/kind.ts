import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { waitFor } from '../../support/wait-for.ts';
import { mustRun, run } from './command.ts';
import { step } from './progress.ts';

const configuration = join(import.meta.dirname, '..', '..', '..', 'deploy', 'kind', 'cluster.yaml');
const name = 'irsa-e2e';
const readyWithin = '180s';

export interface KindOptions {
  /** The `kind` to run. */
  readonly kind: string;
  readonly nodeImage: string;
  /** Whether the node image is ours, which has a pod network of its own instead of kind's. */
  readonly bringsNetwork: boolean;
  /** Holds `kubeconfig`. */
  readonly folder: string;
}

export interface KindCluster extends AsyncDisposable {
  readonly kubeconfig: string;
  load(images: readonly string[]): Promise<void>;
}

/** Creates the cluster of deploy/kind with one node, which is Ready then. Disposal deletes it. */
export async function createKindCluster({ kind, nodeImage, bringsNetwork, folder }: KindOptions): Promise<KindCluster> {
  const kubeconfig = join(folder, 'kubeconfig');
  const config = join(folder, 'kind.yaml');
  await writeFile(config, await configurationFor(bringsNetwork));
  const remove = (): Promise<string> =>
    mustRun(kind, ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig]);
  await remove(); // one of a run that was killed
  const create = ['create', 'cluster', '--name', name, '--config', config, '--kubeconfig', kubeconfig];
  await step('Cluster on kind', async () => {
    await mustRun(kind, [...create, '--wait', readyWithin, '--image', nodeImage]);
    await waitForDefaultAccount(kubeconfig);
    // A node is ready before names can be resolved; CoreDNS is when kube-proxy leads it to the API server.
    const dns = ['--namespace', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout', readyWithin];
    await mustRun('kubectl', ['--kubeconfig', kubeconfig, ...dns]);
  });
  return {
    kubeconfig,
    async load(images) {
      await step('Images into the cluster', () => mustRun(kind, ['load', 'docker-image', '--name', name, ...images]));
    },
    async [Symbol.asyncDispose]() {
      await step('Deleting the cluster', remove);
    },
  };
}

async function configurationFor(bringsNetwork: boolean): Promise<string> {
  const usual: object = parse(await readFile(configuration, 'utf8'));
  return stringify({ ...usual, networking: { disableDefaultCNI: bringsNetwork } });
}

/** Pods are refused until the controller has made it. */
async function waitForDefaultAccount(kubeconfig: string): Promise<void> {
  const get = ['--kubeconfig', kubeconfig, 'get', 'serviceaccount', 'default'];
  const isThere = async (): Promise<boolean> => (await run('kubectl', get)).code === 0;
  await waitFor(isThere, { what: 'the ServiceAccount "default"', timeoutMs: 60_000, intervalMs: 300 });
}
