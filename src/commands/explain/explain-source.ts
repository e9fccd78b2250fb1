import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import { ownerOf } from '../../audit/owner.ts';
import {
  accountOf,
  comparisonBasis,
  explainPod,
  type AccountFacts,
  type RunningFacts,
} from '../../explanation/explain-pod.ts';
import type { UnseenSources } from '../../explanation/explain-sources.ts';
import type { ExplainedSubject, Explanation } from '../../explanation/explanation.ts';
import { isKind, metadataOf, nameOf, namespaceOf } from '../../kubernetes/objects.ts';
import { isNewerVersion } from '../../kubernetes/watched-resource.ts';
import type { ManifestObject } from '../../manifests/parse-manifests.ts';
import { findPodTemplates, type TemplatePath } from '../../manifests/pod-templates.ts';
import { ownObject, ownString, type JsonObject } from '../../util/json.ts';
import type { DecisionContext } from '../common/decision-context.ts';
import { readPodTemplate } from '../common/read-template.ts';
import {
  filesBeforeCluster,
  identitiesOf,
  type KnownAccounts,
  type OfflineAccounts,
} from '../common/offline-accounts.ts';
import { compareWorkloadPods } from './workload-pods.ts';
import { readHookFacts, readLiveAccount, unseenSources, type ClusterSession } from './cluster-session.ts';

export interface SourceContext {
  readonly readAccount: AccountReader;
  readonly decision: DecisionContext;
  /** The cluster that is asked, if any. */
  readonly session: ClusterSession | undefined;
}

/** Explains one pod or pod template. Rejects with KubernetesError where a cluster is asked. */
export async function explainSource(
  { subject, pod, workload }: PodSource,
  { readAccount, decision, session }: SourceContext,
): Promise<Explanation> {
  const { namespace, kind } = subject;
  const account = await readAccount(accountOf(pod, namespace));
  const hook = session === undefined ? undefined : await readHookFacts(session, { pod, namespace });
  const { injection: settings, origins } = decision;
  const pods =
    session === undefined || workload === undefined
      ? undefined
      : await compareWorkloadPods(
          session,
          workload,
          subject,
          comparisonBasis({ account: account.facts, settings, pod }),
        );
  const running: RunningFacts | undefined =
    kind === 'Pod' && isStored(pod)
      ? {
          owner: ownerOf(pod, namespace),
          template: session && (await readPodTemplate(session.cluster, pod, namespace)),
          serviceAccount: account.object,
          mapping: session?.mapping.configMap,
          accountChangedSince: wasChangedAfter(account.object, pod),
        }
      : undefined;
  return explainPod({
    subject,
    pod,
    account: account.facts,
    settings,
    origins,
    ...(hook === undefined ? {} : { hook }),
    ...(running === undefined ? {} : { running }),
    ...(pods === undefined ? {} : { pods }),
  });
}

/** The API server has taken it: it gives every object a UID. */
function isStored(pod: JsonObject): boolean {
  return ownString(metadataOf(pod), 'uid') !== undefined;
}

/** Undefined where the objects do not tell, for example in a file from which somebody took their versions. */
function wasChangedAfter(object: JsonObject | undefined, than: JsonObject): boolean | undefined {
  const version = resourceVersion(object ?? {});
  const other = resourceVersion(than);
  return version === '' || other === '' ? undefined : isNewerVersion(version, other);
}

function resourceVersion(object: JsonObject): string {
  const version = ownString(metadataOf(object), 'resourceVersion') ?? '';
  return /^[1-9][0-9]*$/.test(version) ? version : '';
}

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
    return knownAccount(account, {
      object,
      accounts,
      complete: true,
      unseen: unseenSources(session),
      associationsKnown: false,
    });
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
  const { accounts, session, hasAssociations: associationsKnown } = files;
  return async account => {
    const object = findManifest(files, account);
    if (session === undefined)
      return knownAccount(account, { object, accounts, complete: false, unseen: {}, associationsKnown });
    const live = await readLiveAccount(session, account);
    const unseen = unseenSources(session);
    return knownAccount(account, {
      object: object ?? live.object,
      accounts: filesBeforeCluster(accounts, live.accounts),
      complete: true,
      associationsKnown,
      unseen: {
        ...(associationsKnown ? {} : { association: unseen.association }),
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
  readonly associationsKnown: boolean;
}

async function knownAccount(account: ServiceAccountReference, known: Known): Promise<KnownAccount> {
  const { object, accounts, complete, unseen, associationsKnown } = known;
  const answer = await identitiesOf(accounts, complete).identityOf(account, 0);
  const annotations = ownObject(metadataOf(object ?? {}), 'annotations');
  return { object, facts: { inputs: accounts.inputsOf(account), answer, annotations, unseen, associationsKnown } };
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

/** A pod, or what pods would be made of, and the object that has it. */
export interface PodSource {
  readonly subject: ExplainedSubject;
  readonly pod: JsonObject;
  /** The object that has the template. */
  readonly workload?: JsonObject;
}

/** The pods that an object is or makes; for a ServiceAccount a pod of it. */
export function podSourcesOf(
  object: JsonObject,
  templatePaths: readonly TemplatePath[],
  defaults: { readonly namespace: string; readonly source?: string },
): readonly PodSource[] {
  const { namespace, source } = defaults;
  const name = nameOf(object);
  const subject: ExplainedSubject = {
    kind: ownString(object, 'kind') ?? '',
    namespace: namespaceOf(object, namespace),
    name: name === '' ? (ownString(metadataOf(object), 'generateName') ?? '') : name,
    ...(source === undefined ? {} : { source }),
  };
  if (isKind(object, 'ServiceAccount')) return [{ subject, pod: podOfAccount(name) }];
  return findPodTemplates(object, templatePaths).map(({ template }) => ({
    subject,
    pod: template,
    ...(isKind(object, 'Pod') ? {} : { workload: object }),
  }));
}

function podOfAccount(serviceAccountName: string): JsonObject {
  return { metadata: {}, spec: { serviceAccountName, containers: [{ name: 'any' }] } };
}

/** The pods of all manifests. ServiceAccounts are explained only where there are no pods: then the question is about them. */
export function podSourcesOfManifests(
  manifests: readonly ManifestObject[],
  templatePaths: readonly TemplatePath[],
  namespace: string,
): readonly PodSource[] {
  const sources = manifests.flatMap(({ object, source, line }) =>
    podSourcesOf(object, templatePaths, { namespace, source: `${source}:${line}` }),
  );
  const pods = sources.filter(({ subject }) => subject.kind !== 'ServiceAccount');
  return pods.length > 0 ? pods : sources;
}
