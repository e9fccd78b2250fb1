import { ownerOf } from '../../audit/owner.ts';
import { accountOf, explainPod, type RunningFacts } from '../../explanation/explain-pod.ts';
import type { Explanation } from '../../explanation/explanation.ts';
import { labelsOf, metadataOf } from '../../kubernetes/objects.ts';
import { isNewerVersion } from '../../kubernetes/watched-resource.ts';
import { ownString, type JsonObject } from '../../util/json.ts';
import type { DecisionContext } from '../common/decision-context.ts';
import { readHookFacts, type ClusterSession } from './cluster-session.ts';
import type { AccountReader } from './known-account.ts';
import type { PodSource } from './pod-sources.ts';

export interface SourceContext {
  readonly readAccount: AccountReader;
  readonly decision: DecisionContext;
  /** The cluster that is asked, if any. */
  readonly session: ClusterSession | undefined;
}

/** Explains one pod or pod template. Rejects with KubernetesError where a cluster is asked. */
export async function explainSource(
  { subject, pod }: PodSource,
  { readAccount, decision, session }: SourceContext,
): Promise<Explanation> {
  const { namespace, kind } = subject;
  const account = await readAccount(accountOf(pod, namespace));
  const labels = labelsOf(pod);
  const hook = session === undefined ? undefined : await readHookFacts(session, { labels, namespace });
  const running: RunningFacts | undefined =
    kind === 'Pod' && isStored(pod)
      ? {
          owner: ownerOf(pod, namespace),
          serviceAccount: account.object,
          mapping: session?.mapping.configMap,
          accountChangedSince: wasChangedAfter(account.object, pod),
        }
      : undefined;
  return explainPod({
    subject,
    pod,
    account: account.facts,
    settings: decision.injection,
    origins: decision.origins,
    ...(hook === undefined ? {} : { hook }),
    ...(running === undefined ? {} : { running }),
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
