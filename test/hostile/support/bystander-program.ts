import { setPriority } from 'node:os';
import { reviewOf } from '../../admission/support.ts';
import { ApiServerCaller } from '../../faults/support/api-server-caller.ts';
import { startLoad, type Load } from '../../faults/support/load.ts';
import { Tally, type Outcome } from '../../faults/support/tally.ts';
import { podOf, roleOf } from '../../apiserver/pods.ts';
import { connect, type ClientOptions } from '../../support/cluster/client.ts';
import { createPod } from '../../support/cluster/objects.ts';
import { waitFor } from '../../support/wait-for.ts';
import { serveParent } from './client-process.ts';
import { startProbes } from './probes.ts';

/**
 * Sends reviews at a constant rate as an API server does, and probes as a kubelet does, while others attack.
 */
export interface BystanderData {
  readonly port: number;
  readonly metricsPort: number;
  /** PEM. */
  readonly ca: string;
  readonly namespace: string;
  /** The ServiceAccounts of its pods in turn; `#` stands for the number of the pod. All have to have a role. */
  readonly accounts: readonly string[];
  readonly perSecond: number;
  readonly probeTimeoutMs: number;
  /** Where as many pods of the account `app` are created. */
  readonly cluster?: ClientOptions;
}

export interface Counted {
  readonly sent: number;
  readonly failed: number;
  readonly unmutated: number;
  /** Why some failed; empty when none did. */
  readonly causes: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

export interface BystanderResult {
  readonly pods: Counted;
  /** Of those that were created by the API server. */
  readonly created: Counted;
  readonly probes: Counted;
}

/** Of 127.0.0.0/8, which belongs to this machine as a whole: each client has an address, as in a cluster. */
const apiServerAddress = '127.0.0.2';
const kubeletAddress = '127.0.0.3';
/** As many connections as an API server keeps while they are idle. */
const keptConnections = 25;

/** Every tenth pod comes from an API server that has no connection yet. */
const newcomerAddress = '127.0.0.4';
const newcomerEvery = 10;

/** Some come after an attack that was short. */
const minPods = 10;

export function countsOf(tally: Tally): Counted {
  const { sent, failed, unmutated } = tally;
  const at = (share: number): number => tally.percentileMs(share);
  return { sent, failed, unmutated, causes: tally.causes(), p50Ms: at(0.5), p99Ms: at(0.99), mostMs: at(1) };
}

/** The answer is to this review, and has a role. */
function hasIdentity(answer: string, uid: string): boolean {
  const { response } = JSON.parse(answer);
  return response.uid === uid && Buffer.from(response.patch ?? '', 'base64').includes('AWS_ROLE_ARN');
}

/** It is to measure the webhook, not those with whom it shares a core; only root may ask for that. */
function hurry(): void {
  try {
    setPriority(-10);
  } catch {
    // Then it takes what there is.
  }
}

/** Creates pods by the API server. Before the first, so many at once that it keeps as many connections as it may. */
async function startCreating(cluster: ClientOptions, { namespace, perSecond }: BystanderData): Promise<Load> {
  const client = connect(cluster);
  let pods = 0;
  const create = async (dryRun: boolean): Promise<Outcome> => {
    pods += 1;
    const answer = await createPod(client, namespace, { name: `pod-${pods}`, serviceAccount: 'app', dryRun });
    if (answer.status !== 201) return { kind: 'failed', cause: `${answer.status} ${String(answer.body['message'])}` };
    return { kind: roleOf(podOf(answer)) === undefined ? 'unmutated' : 'mutated' };
  };
  await Promise.all(Array.from({ length: 2 * keptConnections }, () => create(true)));
  return startLoad(perSecond, () => create(false));
}

await serveParent<BystanderData, BystanderResult>(async data => {
  hurry();
  const { accounts, namespace, perSecond } = data;
  const at = { port: data.port, ca: data.ca };
  const known = new ApiServerCaller({ ...at, localAddress: apiServerAddress });
  let pods = 0;
  const call = (caller: ApiServerCaller, serviceAccountName: string): Promise<Outcome> => {
    const uid = `${namespace}-${serviceAccountName}-${pods}`;
    const spec = { serviceAccountName, containers: [{ name: 'app' }] };
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: uid }, spec };
    return caller.call(reviewOf({ uid, namespace, object }), answer => hasIdentity(answer, uid));
  };
  const nextPod = async (): Promise<Outcome> => {
    pods += 1;
    const account = (accounts[pods % accounts.length] ?? '').replace('#', String(pods));
    if (pods % newcomerEvery !== 0) return call(known, account);
    using newcomer = new ApiServerCaller({ ...at, localAddress: newcomerAddress });
    return await call(newcomer, account);
  };
  await Promise.all(Array.from({ length: keptConnections }, () => call(known, 'app')));
  const load = startLoad(perSecond, nextPod);
  const created = data.cluster && (await startCreating(data.cluster, data));
  const probes = startProbes({ port: data.metricsPort, localAddress: kubeletAddress, timeoutMs: data.probeTimeoutMs });
  return async () => {
    await waitFor(() => load.tally.sent >= minPods, { what: 'pods after a short attack', timeoutMs: 60_000 });
    const tallies = await Promise.all([load.stop(), created?.stop() ?? new Tally(), probes.stop()]);
    known[Symbol.dispose]();
    const [pods, ofCluster, ofProbes] = tallies;
    return { pods: countsOf(pods), created: countsOf(ofCluster), probes: countsOf(ofProbes) };
  };
});
