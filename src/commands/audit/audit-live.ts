import type { Readable } from 'node:stream';
import type { IdentityDefaults } from '../../identity/defaults.ts';
import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import { Audit, type AuditAccounts, type Wanted } from '../../audit/audit.ts';
import type { AuditReport } from '../../audit/report.ts';
import type { Suppression } from '../../audit/finding-groups.ts';
import { reducePod } from '../../comparison/reduced-pod.ts';
import { controllerOf } from '../../audit/owner.ts';
import { accountOfPod } from '../../comparison/running-pod.ts';
import { lookForWebhook } from '../../cluster/installed-webhook.ts';
import { readClusterSnapshot, type AccountSnapshot } from '../../cluster/accounts.ts';
import { ifAllowed, readNamespaceLabels, readOrUndefined, type ClusterReader } from '../../cluster/reader.ts';
import type { InjectionSettings } from '../../injection/settings.ts';
import { nameOf } from '../../kubernetes/objects.ts';
import { gatherPages } from '../../kubernetes/list-pages.ts';
import { namespacedPath, serviceAccountPath } from '../../kubernetes/paths.ts';
import { createProgress } from '../../terminal/progress.ts';
import type { JsonObject } from '../../util/json.ts';
import { decisionContext } from '../common/decision-context.ts';
import type { CommandContext } from '../common/define-command.ts';
import { defaultConfigMapName, filesBeforeCluster, readOfflineAccounts } from '../common/offline-accounts.ts';
import { openCluster } from '../../cluster/open-cluster.ts';
import { clusterAccess } from '../common/cluster-command.ts';
import { CommandFailure } from '../common/command-failure.ts';
import { readPodTemplate } from '../common/read-template.ts';
import type { AuditCommandOptions } from './audit-options.ts';

/** Audits the pods of a cluster. Rejects with CommandFailure or KubernetesError. */
export async function auditCluster(
  options: AuditCommandOptions,
  suppressions: readonly Suppression[],
  { io, settingFlags }: CommandContext,
): Promise<AuditReport> {
  const warn = (line: string): void => {
    io.stderr.write(`warning: ${line}\n`);
  };
  const cluster = await openCluster(clusterAccess(options), io.environment);
  const namespace = options.allNamespaces === true ? undefined : cluster.namespace;
  const { webhook, notes } = await lookForWebhook(cluster);
  for (const note of notes) warn(note);
  const { defaults, injection } = await decisionContext(settingFlags, io.environment, webhook?.flags);
  using progress = createProgress({ stream: io.stderr, now: () => performance.now() });
  progress.update('ServiceAccounts');
  const mapping = options.mapping === undefined ? webhook?.mapping : undefined;
  const { accounts: listed, problems } = await readClusterSnapshot(cluster, { namespace, defaults, mapping });
  for (const problem of problems) warn(problem);
  const accounts = await beforeCluster(options, listed, defaults, { stdin: io.stdin, warn });
  const { selector } = options;
  const begin = (): Audit =>
    new Audit({
      accounts,
      associationsKnown: options.associations !== undefined,
      injection,
      source: { kind: 'cluster', server: cluster.server },
      scope: { namespace: namespace ?? null, selector },
      suppressions,
    });
  const onPod = (pods: number): void => progress.update(`pods ${pods}`);
  const pods = { namespace, selector, onPod };
  const audit = await auditClusterPods(cluster, { accounts: listed, injection, begin, pods });
  const isEmpty = audit.pods === 0 && listed.names().next().done === true;
  if (namespace !== undefined && isEmpty) await expectNamespace(cluster, namespace);
  return audit.finish(new Date().toISOString());
}

/** Every namespace has the account `default`; one without any may not exist. */
async function expectNamespace(cluster: ClusterReader, namespace: string): Promise<void> {
  const read = await ifAllowed(() => readNamespaceLabels(cluster, namespace));
  if ('value' in read && read.value === undefined) throw new CommandFailure(`namespace ${namespace} does not exist`);
}

/** What files say about mapping and associations goes before what the cluster says. */
async function beforeCluster(
  { mapping, associations }: AuditCommandOptions,
  listed: AccountSnapshot,
  defaults: IdentityDefaults,
  { stdin, warn }: { readonly stdin: Readable; readonly warn: (line: string) => void },
): Promise<AuditAccounts> {
  const files = await readOfflineAccounts([], {
    files: { mapping, associations },
    reading: { stdin, recursive: false },
    defaults,
    namespace: '',
    configMapName: defaultConfigMapName,
  });
  for (const problem of files.problems) warn(problem);
  return { ...filesBeforeCluster(files, listed), names: () => listed.names() };
}

interface ClusterPods {
  /** Undefined means all. */
  readonly namespace: string | undefined;
  /** Empty means every pod. */
  readonly selector: string;
  /** Told of how many pods have been read, after each. */
  readonly onPod: (pods: number) => void;
}

/**
 * A pod takes 8 to 20 kB, most of it in `managedFields`: 500 of them, as kubectl asks for, can exceed the 8 MiB that the client
 * takes, and cost 50 MB more than 100 do (measured with 20,000 pods of 8 kB: 259 and 209 MB resident).
 */
const pageSize = 100;

/** Pods that have ended are many in clusters with Jobs, and are not even sent. */
const notEnded = 'status.phase!=Succeeded,status.phase!=Failed';

interface ClusterAuditOptions {
  /** What is known so far; accounts that are read later are added to it. */
  readonly accounts: AccountSnapshot;
  readonly injection: InjectionSettings;
  /** Starts an audit of these accounts. It is called again when the pods must be listed again. */
  readonly begin: () => Audit;
  readonly pods: ClusterPods;
}

interface GatheredPods {
  readonly audit: Audit;
  /** Pods of which something has to be read first: an account newer than the list of accounts, or a template. */
  readonly late: { readonly wanted: Wanted; readonly pod: JsonObject }[];
}

/** Audits the pods of a cluster, page by page. Returns the audit that has them all. Rejects with KubernetesError. */
async function auditClusterPods(
  cluster: ClusterReader,
  { accounts, injection, begin, pods: { namespace, selector, onPod } }: ClusterAuditOptions,
): Promise<Audit> {
  const resource = {
    kind: 'Pod',
    path: namespace === undefined ? '/api/v1/pods' : namespacedPath('pods', namespace),
    query: { fieldSelector: notEnded, labelSelector: selector === '' ? undefined : selector },
  };
  const gathering = {
    begin: (): GatheredPods => ({ audit: begin(), late: [] }),
    add: ({ audit, late }: GatheredPods, pod: JsonObject) => {
      const wanted = audit.addPod(pod);
      if (wanted !== undefined) late.push({ wanted, pod: reducePod(pod, injection) });
      onPod(audit.pods + late.length);
    },
  };
  const { client, timeoutMs, signal } = cluster;
  const { audit, late } = await gatherPages(client, resource, gathering, { timeoutMs, pageSize, signal });
  await readLateAccounts(
    cluster,
    late.flatMap(({ wanted }) => (wanted.kind === 'account' ? [wanted.account] : [])),
    accounts,
  );
  const readTemplate = templateReader(cluster);
  for (const { pod } of late) {
    const wanted = audit.addPod(pod, { accountsAreComplete: true });
    if (wanted !== undefined) audit.addPod(pod, { accountsAreComplete: true, template: await readTemplate(pod) });
  }
  return audit;
}

/** Each account once; one that is not there was deleted while its pods run. */
async function readLateAccounts(
  cluster: ClusterReader,
  wanted: readonly ServiceAccountReference[],
  accounts: AccountSnapshot,
): Promise<void> {
  const paths = new Map(wanted.map(({ namespace, name }) => [serviceAccountPath(namespace, name), namespace] as const));
  for (const [path, namespace] of paths) {
    const object = await readOrUndefined(cluster, path);
    if (object !== undefined) accounts.add(object, namespace);
  }
}

/** Reads the template of each workload once; the pods of one have the same controller. */
function templateReader(cluster: ClusterReader): (pod: JsonObject) => Promise<JsonObject | null> {
  const known = new Map<string, JsonObject | null>();
  return async pod => {
    const { namespace } = accountOfPod(pod);
    const { kind, name } = controllerOf(pod) ?? { kind: 'Pod', name: nameOf(pod) };
    const key = `${kind}/${namespace}/${name}`;
    const template = known.get(key) ?? (await readPodTemplate(cluster, pod, namespace)) ?? null;
    known.set(key, template);
    return template;
  };
}
