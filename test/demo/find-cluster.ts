import { prepareBinaries } from '../support/cluster/build.ts';
import { startCluster } from '../support/cluster/cluster.ts';

/** The cluster to show the webhook on. */
export interface DemoCluster extends AsyncDisposable {
  readonly kubeconfig: string;
  /** This machine, as its API server sees it: a name or an IP address. */
  readonly host: string;
  /** Ours ends with the demo; from a given one everything has to be removed that was created. */
  readonly isOurs: boolean;
}

export type FoundCluster =
  | { readonly kind: 'found'; /** Starts it, if it is ours. */ readonly open: () => Promise<DemoCluster> }
  | { readonly kind: 'unavailable'; /** What to install, in one line. */ readonly detail: string };

const loopback = '127.0.0.1';

/** The given cluster, or else one of our own, whose programs are built if need be. An empty text means not given. */
export async function findCluster(givenKubeconfig: string, givenHost: string): Promise<FoundCluster> {
  if (givenKubeconfig !== '') {
    const given = { kubeconfig: givenKubeconfig, host: givenHost === '' ? loopback : givenHost, isOurs: false };
    return { kind: 'found', open: async () => ({ ...given, [Symbol.asyncDispose]: () => Promise.resolve() }) };
  }
  const binaries = await prepareBinaries();
  if (binaries.kind === 'unavailable') {
    return { kind: 'unavailable', detail: `${binaries.detail}, or DEMO_KUBECONFIG to the kubeconfig of a cluster` };
  }
  const open = async (): Promise<DemoCluster> => {
    const cluster = await startCluster({ binaries: binaries.folder });
    const { kubeconfig } = cluster;
    return { kubeconfig, host: loopback, isOurs: true, [Symbol.asyncDispose]: () => cluster.stop() };
  };
  return { kind: 'found', open };
}
