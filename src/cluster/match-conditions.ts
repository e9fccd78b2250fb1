import { mirrorAnnotation } from '../admission/subject.ts';
import { at, ownString, textAt, type JsonObject } from '../util/json.ts';
import { labelsOf } from '../kubernetes/objects.ts';

/** A pod that is to be created. */
export interface CreatedPod {
  readonly namespace: string;
  readonly pod: JsonObject;
}

/** What the match conditions of an entry say about a pod. */
export type ConditionsVerdict =
  /** The API server asks the webhook. */
  | { readonly kind: 'met' }
  /** `detail`: which pods the condition leaves out. */
  | { readonly kind: 'unmet'; readonly detail: string }
  /** The conditions that are not the chart's: nothing here evaluates CEL. */
  | { readonly kind: 'undecided'; readonly conditions: readonly string[] };

/**
 * Decides the conditions that the chart has had, which are compared by their text. One that is not met leaves the pod out,
 * whatever the others say.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions
 */
export function judgeMatchConditions(conditions: readonly string[], created: CreatedPod): ConditionsVerdict {
  const judged = conditions.map(condition => ({ condition, known: findKnown(condition) }));
  const unmet = judged.find(({ known }) => known?.leavesOut(created) === true);
  if (unmet?.known !== undefined) return { kind: 'unmet', detail: unmet.known.detail };
  const undecided = judged.filter(({ known }) => known === undefined).map(({ condition }) => condition);
  return undecided.length === 0 ? { kind: 'met' } : { kind: 'undecided', conditions: undecided };
}

/** A condition whose meaning is known. */
interface KnownCondition {
  readonly detail: string;
  leavesOut(created: CreatedPod): boolean;
}

function findKnown(condition: string): KnownCondition | undefined {
  const text = condition.trim().replaceAll(/\s+/g, ' ');
  return known.get(text) ?? notTheWebhookItself(text);
}

/** By the text of the expression, as the templates of the chart have it. */
const known: ReadonlyMap<string, KnownCondition> = new Map([
  [
    "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)",
    { detail: 'mirror pods of the kubelet', leavesOut: ({ pod }: CreatedPod): boolean => isMirrorPod(pod) },
  ],
  [
    "has(object.spec.serviceAccountName) && object.spec.serviceAccountName != ''",
    {
      detail: 'pods without a ServiceAccount',
      // To all other pods without one, the API server has given "default" before it asks a webhook.
      leavesOut: ({ pod }: CreatedPod): boolean =>
        isMirrorPod(pod) && (textAt(pod, 'spec', 'serviceAccountName') ?? '') === '',
    },
  ],
]);

function isMirrorPod(pod: JsonObject): boolean {
  return at(pod, 'metadata', 'annotations', mirrorAnnotation) !== undefined;
}

const name = `'([^'\\\\]*)'`;
const label = (key: string): string =>
  `'app\\.kubernetes\\.io/${key}' in object\\.metadata\\.labels && ` +
  `object\\.metadata\\.labels\\['app\\.kubernetes\\.io/${key}'\\] == ${name}`;

/** Names the namespace and two labels of the release. */
const ownPods = new RegExp(
  `^!\\(request\\.namespace == ${name} && has\\(object\\.metadata\\.labels\\) && ${label('name')} && ${label('instance')}\\)$`,
);

function notTheWebhookItself(text: string): KnownCondition | undefined {
  const [, ownNamespace, application, release] = ownPods.exec(text) ?? [];
  if (ownNamespace === undefined) return undefined;
  return {
    detail: 'pods of the webhook itself',
    leavesOut({ namespace, pod }) {
      const labels = labelsOf(pod);
      if (namespace !== ownNamespace) return false;
      return (
        ownString(labels, 'app.kubernetes.io/name') === application &&
        ownString(labels, 'app.kubernetes.io/instance') === release
      );
    },
  };
}
