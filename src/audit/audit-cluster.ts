import type { ServiceAccountReference } from '../admission/identity-source.ts';
import { gatherPages } from '../kubernetes/list-pages.ts';
import { namespacedPath, serviceAccountPath } from '../kubernetes/paths.ts';
import type { AccountSnapshot } from '../cluster/accounts.ts';
import { readOrUndefined, type ClusterReader } from '../cluster/reader.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import type { JsonObject } from '../util/json.ts';
import type { Audit } from './audit.ts';
import { reducePod } from './reduced-pod.ts';

export interface ClusterPods {
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

export interface ClusterAuditOptions {
  /** What is known so far; accounts that are read later are added to it. */
  readonly accounts: AccountSnapshot;
  readonly injection: InjectionSettings;
  /** Begins an audit of these accounts; called again when the list of pods has to be begun anew. */
  readonly begin: () => Audit;
  readonly pods: ClusterPods;
}

interface LatePod {
  readonly account: ServiceAccountReference;
  readonly pod: JsonObject;
}

interface GatheredPods {
  readonly audit: Audit;
  /** Pods that came with an account that was created after the list of accounts. */
  readonly late: LatePod[];
}

/** Audits the pods of a cluster, page by page. Returns the audit that has them all. Rejects with KubernetesError. */
export async function auditClusterPods(
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
      const account = audit.addPod(pod);
      if (account !== undefined) late.push({ account, pod: reducePod(pod, injection) });
      onPod(audit.pods + late.length);
    },
  };
  const { client, timeoutMs, signal } = cluster;
  const { audit, late } = await gatherPages(client, resource, gathering, { timeoutMs, pageSize, signal });
  await readLateAccounts(cluster, late, accounts);
  for (const { pod } of late) audit.addPod(pod, { accountsAreComplete: true });
  return audit;
}

/** Each account once; one that is not there was deleted while its pods run. */
async function readLateAccounts(
  cluster: ClusterReader,
  pods: readonly LatePod[],
  accounts: AccountSnapshot,
): Promise<void> {
  const wanted = new Map(pods.map(({ account }) => [`${account.namespace}/${account.name}`, account]));
  for (const { namespace, name } of wanted.values()) {
    const object = await readOrUndefined(cluster, serviceAccountPath(namespace, name));
    if (object !== undefined) accounts.add(object, namespace);
  }
}
