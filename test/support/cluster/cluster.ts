import { join } from 'node:path';
import { createTempFolder } from '../temp-folder.ts';
import { waitFor } from '../wait-for.ts';
import { prepareBinaries } from './build.ts';
import { connect, succeeded, type KubernetesClient } from './client.ts';
import { writeClusterFiles, type ClusterAccess } from './cluster-files.ts';
import { findFreePorts } from './free-ports.ts';
import { startSupervised, type SupervisedProcess } from './supervised-process.ts';

/** Generous for a slow machine: four seconds is usual. */
const readyTimeoutMs = 120_000;
const logTailLines = 20;

export interface ClusterOptions {
  /** Folder with `etcd` and `kube-apiserver`. Default: `prepareBinaries()`, which builds them if need be. */
  readonly binaries?: string;
  /** What the commands begin with, such as `taskset`. */
  readonly command?: readonly string[];
  /** Added after our own, so that they win: feature gates, admission configuration. */
  readonly apiServerFlags?: readonly string[];
}

/** etcd and kube-apiserver on loopback. They end, and their folder goes, with this process at the latest. */
export interface Cluster extends ClusterAccess, AsyncDisposable {
  /** As it would be by a crash: at once. Data, address and keys stay. */
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
  /** What the API server and etcd have logged. */
  logs(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a cluster and waits until it is ready. */
export async function startCluster({
  binaries,
  command: prefix = [],
  apiServerFlags = [],
}: ClusterOptions = {}): Promise<Cluster> {
  const commands = binaries ?? (await findBinaries());
  const temp = await createTempFolder();
  const folder = temp.path;
  const [port = 0, etcdPort, etcdPeerPort] = await findFreePorts(3);
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const access = await writeClusterFiles(folder, port);
  const client = connect({ ...access, token: access.adminToken });

  const start = (name: string, flags: readonly string[]): Promise<SupervisedProcess> => {
    const [command, ...before] = [...prefix, join(commands, name)];
    return startSupervised({ command, args: [...before, ...flags], folder, logFile: join(folder, `${name}.log`) });
  };
  const etcd = await start('etcd', etcdFlags(etcdUrl, `http://127.0.0.1:${etcdPeerPort}`));
  let apiServer: SupervisedProcess | undefined;

  const cluster: Cluster = {
    ...access,
    async startApiServer() {
      apiServer = await start('kube-apiserver', [...ownFlags(access.url, port, etcdUrl), ...apiServerFlags]);
      await waitUntilReady(client, [etcd, apiServer]);
    },
    async stopApiServer() {
      // On SIGTERM it would stay for up to 70 seconds.
      await apiServer?.kill();
    },
    async restartApiServer() {
      await cluster.stopApiServer();
      await cluster.startApiServer();
    },
    logs: async () => `${await apiServer?.log()}\n${await etcd.log()}`,
    async stop() {
      client[Symbol.dispose]();
      await Promise.all([apiServer?.kill(), etcd.kill()]);
      await temp[Symbol.asyncDispose]();
    },
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
  try {
    await cluster.startApiServer();
    await publishDiscovery(client, access);
  } catch (cause) {
    const tail = (await cluster.logs()).split('\n').slice(-logTailLines).join('\n');
    await cluster.stop();
    throw new Error(`expected a cluster to start: ${cause instanceof Error ? cause.message : ''}\n${tail}`, { cause });
  }
  return cluster;
}

async function findBinaries(): Promise<string> {
  const found = await prepareBinaries();
  if (found.kind === 'unavailable') throw new Error(found.detail);
  return found.folder;
}

function etcdFlags(clientUrl: string, peerUrl: string): readonly string[] {
  return [
    '--data-dir=etcd',
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--quota-backend-bytes=4294967296', // 4 GiB, for 100,000 ServiceAccounts and more
    '--unsafe-no-fsync', // the data does not outlive the process
    '--log-level=warn',
  ];
}

function ownFlags(url: string, port: number, etcdUrl: string): readonly string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--tls-cert-file=serving.crt',
    '--tls-private-key-file=serving.key',
    '--token-auth-file=tokens.csv',
    '--authorization-mode=RBAC',
    `--service-account-issuer=${url}`,
    `--service-account-jwks-uri=${url}/openid/v1/jwks`,
    '--service-account-key-file=service-account.pub',
    '--service-account-signing-key-file=service-account.key',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--allow-privileged=true',
  ];
}

async function waitUntilReady(client: KubernetesClient, processes: readonly SupervisedProcess[]): Promise<void> {
  const hasEnded = (): boolean => processes.some(process => !process.isRunning());
  const isDecided = async (): Promise<boolean> => hasEnded() || (await client.get('/readyz')).status === 200;
  await waitFor(isDecided, { what: 'kube-apiserver to be ready', timeoutMs: readyTimeoutMs });
  if (hasEnded()) throw new Error('etcd or kube-apiserver ended');
}

/** So that whoever is to verify a token, such as STS, can fetch the keys: the API server gives them to accounts only. */
async function publishDiscovery(admin: KubernetesClient, access: ClusterAccess): Promise<void> {
  const group = 'rbac.authorization.k8s.io';
  const binding = {
    metadata: { name: 'service-account-issuer-discovery-for-all' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'system:service-account-issuer-discovery' },
    subjects: [{ apiGroup: group, kind: 'Group', name: 'system:unauthenticated' }],
  };
  succeeded(await admin.create(`/apis/${group}/v1/clusterrolebindings`, binding));
  using anonymous = connect(access);
  const isPublished = async (): Promise<boolean> => (await anonymous.get('/openid/v1/jwks')).status === 200;
  await waitFor(isPublished, { what: 'the keys of the issuer to be readable by anybody' });
}
