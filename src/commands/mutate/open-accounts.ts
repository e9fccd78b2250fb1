import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import { readAccountName } from '../../admission/subject.ts';
import type { IdentityDefaults } from '../../identity/defaults.ts';
import { readPod } from '../../injection/pod.ts';
import type { ManifestObject } from '../../manifests/parse-manifests.ts';
import { ownObject, ownString } from '../../util/json.ts';
import type { CommandIo } from '../command-io.ts';
import {
  defaultConfigMapName,
  filesBeforeCluster,
  readOfflineAccounts,
  type KnownAccounts,
} from '../common/offline-accounts.ts';
import type { ClusterSource } from './cluster-source.ts';
import type { MutateOptions } from './mutate-options.ts';
import type { Workload } from './workload.ts';

export interface AccountSources {
  readonly options: MutateOptions;
  readonly io: CommandIo;
  /** With `--cluster`. */
  readonly cluster: ClusterSource | undefined;
  readonly defaults: IdentityDefaults;
  /** The namespace of manifests that name none. */
  readonly namespace: string;
}

/** What an input holds. */
interface InputObjects {
  readonly manifests: readonly ManifestObject[];
  readonly workloads: readonly Workload[];
}

/**
 * The accounts of the input, of the files that options name and, for the pods of the input, of the cluster. Rejects with
 * CommandFailure, ManifestProblem or KubernetesError.
 */
export async function openAccounts(inputs: readonly InputObjects[], sources: AccountSources): Promise<KnownAccounts> {
  const { options, io, cluster, defaults, namespace } = sources;
  const manifests = inputs.flatMap(input => input.manifests);
  const files = await readOfflineAccounts(manifests, {
    files: options,
    reading: { stdin: io.stdin, recursive: options.recursive },
    defaults,
    namespace,
    configMapName: cluster?.webhook?.mapping?.name ?? defaultConfigMapName,
  });
  warn(io, files.problems);
  if (cluster === undefined) return files;
  const wanted = inputs.flatMap(({ workloads }) => workloads.map(accountOf)).filter(account => !files.has(account));
  const { readClusterAccounts } = await import('./cluster-source.ts');
  const live = await readClusterAccounts(cluster, wanted, defaults);
  warn(io, live.problems);
  return filesBeforeCluster(files, live.accounts);
}

function warn({ stderr }: CommandIo, problems: readonly string[]): void {
  for (const problem of problems) stderr.write(`warning: ${problem}\n`);
}

function accountOf({ review }: Workload): ServiceAccountReference {
  const request = ownObject(review, 'request') ?? {};
  const { name } = readAccountName(readPod(ownObject(request, 'object') ?? {}));
  return { namespace: ownString(request, 'namespace') ?? '', name };
}
