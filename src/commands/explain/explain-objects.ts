import { namespacedPath, objectPath } from '../../kubernetes/paths.ts';
import type { Explanation } from '../../explanation/explanation.ts';
import { hasCode } from '../../kubernetes/kubernetes-error.ts';
import type { JsonObject } from '../../util/json.ts';
import { CommandFailure } from '../common/command-failure.ts';
import type { CommandContext } from '../common/define-command.ts';
import { openClusterSession, type ClusterSession } from './cluster-session.ts';
import type { ExplainOptions } from './explain-options.ts';
import { explainSource } from './explain-source.ts';
import { clusterAccountReader } from './known-account.ts';
import { parseObjectReference, type ObjectReference } from './object-reference.ts';
import { podSourcesOf } from './pod-sources.ts';

/** Explains objects of a cluster, in the order given. Rejects with CommandFailure or KubernetesError. */
export async function explainObjects(
  objects: readonly string[],
  options: ExplainOptions,
  context: CommandContext,
): Promise<readonly Explanation[]> {
  const references = objects.map(parseObjectReference);
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
    throw new CommandFailure(`expected ${kind} ${name} in namespace ${namespace}, found none`, { cause: error });
  }
}
