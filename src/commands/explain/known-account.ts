import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import type { AccountFacts } from '../../explanation/explain-pod.ts';
import type { UnseenSources } from '../../explanation/explain-sources.ts';
import { isKind, metadataOf, nameOf, namespaceOf } from '../../kubernetes/objects.ts';
import type { ManifestObject } from '../../manifests/parse-manifests.ts';
import { ownObject, type JsonObject } from '../../util/json.ts';
import {
  filesBeforeCluster,
  identitiesOf,
  type KnownAccounts,
  type OfflineAccounts,
} from '../common/offline-accounts.ts';
import { readLiveAccount, unseenSources, type ClusterSession } from './cluster-session.ts';

/** What is known of a ServiceAccount. */
export interface KnownAccount {
  readonly facts: AccountFacts;
  /** As it was read; undefined where it was not found. */
  readonly object: JsonObject | undefined;
}

/** Rejects with KubernetesError where a cluster is asked. */
export type AccountReader = (account: ServiceAccountReference) => Promise<KnownAccount>;

/** Accounts of a cluster. */
export function clusterAccountReader(session: ClusterSession): AccountReader {
  return async account => {
    const { object, accounts } = await readLiveAccount(session, account);
    return knownAccount(account, { object, accounts, complete: true, unseen: unseenSources(session) });
  };
}

export interface FileAccounts {
  readonly manifests: readonly ManifestObject[];
  readonly accounts: OfflineAccounts;
  /** Of manifests that name none. */
  readonly namespace: string;
  /** Whether a file of associations was given. */
  readonly hasAssociations: boolean;
  /** The cluster that is asked for what the files do not say. */
  readonly session: ClusterSession | undefined;
}

/** Accounts of files, and where they say nothing, of a cluster. */
export function fileAccountReader(files: FileAccounts): AccountReader {
  const { accounts, session, hasAssociations } = files;
  return async account => {
    const object = findManifest(files, account);
    if (session === undefined) return knownAccount(account, { object, accounts, complete: false, unseen: {} });
    const live = await readLiveAccount(session, account);
    const unseen = unseenSources(session);
    return knownAccount(account, {
      object: object ?? live.object,
      accounts: filesBeforeCluster(accounts, live.accounts),
      complete: true,
      unseen: {
        ...(hasAssociations ? {} : { association: unseen.association }),
        ...(accounts.hasMapping ? {} : { mapping: unseen.mapping }),
      },
    });
  };
}

interface Known {
  readonly object: JsonObject | undefined;
  readonly accounts: KnownAccounts;
  /** Whether an account that is not known does not exist. */
  readonly complete: boolean;
  readonly unseen: UnseenSources;
}

async function knownAccount(account: ServiceAccountReference, known: Known): Promise<KnownAccount> {
  const { object, accounts, complete, unseen } = known;
  const answer = await identitiesOf(accounts, complete).identityOf(account, 0);
  const annotations = ownObject(metadataOf(object ?? {}), 'annotations');
  return { object, facts: { inputs: accounts.inputsOf(account), answer, annotations, unseen } };
}

/** Only the input itself is looked through: it is for the times and the slips in names, which decide nothing. */
function findManifest(
  { manifests, namespace }: FileAccounts,
  account: ServiceAccountReference,
): JsonObject | undefined {
  return manifests.findLast(({ object }) => {
    const isNamed = nameOf(object) === account.name && namespaceOf(object, namespace) === account.namespace;
    return isKind(object, 'ServiceAccount') && isNamed;
  })?.object;
}
