import { matchesPattern } from '../util/text.ts';
import { readPod, type Pod } from '../injection/pod.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { ownField, ownString } from '../util/json.ts';
import type { Hook, SkipReason } from './answer.ts';
import type { ServiceAccountReference } from './identity-source.ts';
import type { ReviewRequest } from './review-request.ts';

/** The pod that a review is about, and whose identity it asks for. */
export interface Subject {
  readonly pod: Pod;
  /** The pod before the update; set only for ephemeral containers. */
  readonly oldPod: Pod | undefined;
  readonly account: ServiceAccountReference;
  readonly hook: Hook;
  /** The pod carries `<prefix>/require-pod-identity: "true"` and is refused without an identity (decision 10). */
  readonly requiresIdentity: boolean;
}

/** Why a review is passed over, and the pod that it is about. */
export interface Skip {
  readonly kind: 'skip';
  readonly reason: SkipReason;
  readonly pod: Pod | undefined;
  /** The pod opts out by a label, and by another is not to start without an identity. */
  readonly requiresIdentity: boolean;
}

export type SubjectOrSkip = { readonly kind: 'subject'; readonly subject: Subject } | Skip;

/** The label of the AWS webhook's own manifest; its key does not follow the annotation prefix there. */
const awsSkipLabel = 'eks.amazonaws.com/skip-pod-identity-webhook';
/** Set by the kubelet on the API server's image of a static pod, which may not reference tokens at all (E23). */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Whether a review is about a pod that may be touched (E10, E11, E20–E30), read from the request and the pod alone. */
export function readSubject(request: ReviewRequest, settings: InjectionSettings): SubjectOrSkip {
  const { object, oldObject } = request;
  const reason = requestSkipReason(request);
  if (reason !== undefined) return { kind: 'skip', reason, pod: undefined, requiresIdentity: false };
  if (object === undefined) return { kind: 'skip', reason: 'no_object', pod: undefined, requiresIdentity: false };
  const pod = readPod(object);
  const isEphemeral = request.subResource !== '';
  const requiresIdentity = !isEphemeral && hasLabel(pod, `${settings.annotationPrefix}/require-pod-identity`, 'true');
  const podReason = podSkipReason(pod, request.namespace, settings);
  if (podReason !== undefined) {
    return { kind: 'skip', reason: podReason, pod, requiresIdentity: requiresIdentity && podReason === 'skip_label' };
  }
  const account = { namespace: request.namespace, name: readAccountName(pod).name };
  const oldPod = isEphemeral && oldObject !== undefined ? readPod(oldObject) : undefined;
  const hook = isEphemeral ? 'ephemeral' : requiresIdentity ? 'require' : 'default';
  return { kind: 'subject', subject: { pod, oldPod, account, hook, requiresIdentity } };
}

/** A pod is changed when it is created, and when ephemeral containers are added; nearly all of it is immutable later (E28). */
function requestSkipReason({ isPod, subResource, operation, oldObject }: ReviewRequest): SkipReason | undefined {
  if (!isPod) return 'not_a_pod';
  if (subResource === '') return operation === 'CREATE' || operation === '' ? undefined : 'operation_not_handled';
  if (subResource !== 'ephemeralcontainers') return 'subresource_not_handled';
  return operation === 'UPDATE' && oldObject !== undefined ? undefined : 'operation_not_handled';
}

function podSkipReason(pod: Pod, namespace: string, settings: InjectionSettings): SkipReason | undefined {
  if (pod.annotations !== undefined && ownField(pod.annotations, mirrorAnnotation) !== undefined) return 'mirror_pod';
  if (settings.exemptNamespaces.some(pattern => matchesPattern(pattern, namespace))) return 'exempt_namespace';
  return skipLabels(settings.annotationPrefix).some(label => hasLabel(pod, label)) ? 'skip_label' : undefined;
}

/** The labels, whatever their value, with which a pod is left alone. */
export function skipLabels(prefix: string): readonly string[] {
  const label = `${prefix}/skip-pod-identity-webhook`;
  return label === awsSkipLabel ? [awsSkipLabel] : [awsSkipLabel, label];
}

function hasLabel(pod: Pod, name: string, value?: string): boolean {
  if (pod.labels === undefined || pod.labels === 'malformed') return false;
  const found = ownField(pod.labels, name);
  return value === undefined ? found !== undefined : found === value;
}

/** The name of a pod's ServiceAccount and the field of its spec that gives it. */
export interface AccountName {
  readonly name: string;
  readonly from: 'serviceAccountName' | 'serviceAccount' | 'default';
}

/** The API server keeps `serviceAccountName` where the deprecated field differs (E22), and fills in `default` (E20, E21). */
export function readAccountName({ spec }: Pod): AccountName {
  for (const from of ['serviceAccountName', 'serviceAccount'] as const) {
    const name = ownString(spec, from);
    if (name) return { name, from };
  }
  return { name: 'default', from: 'default' };
}
