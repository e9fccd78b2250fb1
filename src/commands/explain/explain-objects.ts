import { namespacedPath, objectPath } from '../../kubernetes/paths.ts';
import type { Explanation } from '../../explanation/explanation.ts';
import { hasCode } from '../../kubernetes/kubernetes-error.ts';
import type { JsonObject } from '../../util/json.ts';
import { quote } from '../../util/text.ts';
import { CommandFailure, usageFailure } from '../common/command-failure.ts';
import type { CommandContext } from '../common/define-command.ts';
import { openClusterSession, type ClusterSession } from './cluster-session.ts';
import type { ExplainOptions } from './explain-options.ts';
import { explainSource, clusterAccountReader, podSourcesOf } from './explain-source.ts';

/** Explains objects of a cluster, in the order given. Rejects with CommandFailure or KubernetesError. */
export async function explainObjects(
  objects: readonly string[],
  options: ExplainOptions,
  context: CommandContext,
): Promise<readonly Explanation[]> {
  const references = parseObjectReferences(objects);
  const session = await openClusterSession(options, context);
  const { decision, cluster } = session;
  const readAccount = clusterAccountReader(session);
  const explanations: Explanation[] = [];
  for (const reference of references) {
    const object = await readObject(session, reference);
    for (const source of podSourcesOf(object, [], { namespace: cluster.namespace })) {
      explanations.push(await explainSource(source, { readAccount, decision, session }));
    }
  }
  return explanations;
}

async function readObject(
  { cluster: { client, timeoutMs, signal, namespace } }: ClusterSession,
  { kind, groupVersion, resource, name }: ObjectReference,
): Promise<JsonObject> {
  const path = objectPath(namespacedPath(resource, namespace, groupVersion), name);
  try {
    return await client.get(path, { timeoutMs, signal });
  } catch (error) {
    if (!hasCode(error, 'not_found')) throw error;
    throw new CommandFailure(`${kind} ${name} does not exist in namespace ${namespace}`, { cause: error });
  }
}

/** An object of the cluster that makes pods, is one, or gives them their account. */
interface ObjectReference {
  readonly kind: string;
  /** The list in a namespace, for example `apps/v1` and `deployments`; undefined for the core group. */
  readonly groupVersion: string | undefined;
  readonly resource: string;
  readonly name: string;
}

interface KnownKind {
  readonly kind: string;
  readonly groupVersion: string | undefined;
  readonly resource: string;
  /** As kubectl has them, beside kind and resource. */
  readonly short: string;
}

const knownKinds: readonly KnownKind[] = [
  { kind: 'Pod', groupVersion: undefined, resource: 'pods', short: 'po' },
  { kind: 'Deployment', groupVersion: 'apps/v1', resource: 'deployments', short: 'deploy' },
  { kind: 'StatefulSet', groupVersion: 'apps/v1', resource: 'statefulsets', short: 'sts' },
  { kind: 'DaemonSet', groupVersion: 'apps/v1', resource: 'daemonsets', short: 'ds' },
  { kind: 'ReplicaSet', groupVersion: 'apps/v1', resource: 'replicasets', short: 'rs' },
  { kind: 'Job', groupVersion: 'batch/v1', resource: 'jobs', short: 'job' },
  { kind: 'CronJob', groupVersion: 'batch/v1', resource: 'cronjobs', short: 'cj' },
  { kind: 'ServiceAccount', groupVersion: undefined, resource: 'serviceaccounts', short: 'sa' },
];

/** Reads `pod/web-0 deployment/web`, or as kubectl takes them too: `pod web-0 web-1`. Throws CommandFailure. */
function parseObjectReferences(texts: readonly string[]): readonly ObjectReference[] {
  const [first = '', ...names] = texts;
  if (first.includes('/')) return texts.map(parseReference);
  const kind = findKind(first);
  if (names.length === 0) throw usageFailure(`${first}: the name is missing, as in ${first} web-0`);
  return names.map(name => {
    if (name.includes('/')) throw usageFailure(`${quote(name)} has a kind of its own: write all objects as KIND/NAME`);
    return { ...kind, name };
  });
}

function parseReference(text: string): ObjectReference {
  const [written = '', name, ...rest] = text.split('/');
  if (name === undefined || name === '' || rest.length > 0) {
    throw usageFailure(`${quote(text)} is not an object such as pod/web-0`);
  }
  return { ...findKind(written), name };
}

function findKind(written: string): Omit<ObjectReference, 'name'> {
  const wanted = written.toLowerCase();
  const known = knownKinds.find(({ kind, resource, short }) => [kind.toLowerCase(), resource, short].includes(wanted));
  if (known === undefined) {
    const kinds = knownKinds.map(({ kind }) => kind.toLowerCase()).join(', ');
    throw usageFailure(`${quote(written)} is not a kind that can be explained: ${kinds}`);
  }
  const { kind, groupVersion, resource } = known;
  return { kind, groupVersion, resource };
}
