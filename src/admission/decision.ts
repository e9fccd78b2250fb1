import type { Identity, IdentityAnswer } from '../identity/identity.ts';
import type { Injection } from '../injection/inject.ts';
import type { Pod } from '../injection/pod.ts';
import type { Decision, Outcome, SkipReason } from './answer.ts';
import type { ReviewRequest } from './review-request.ts';
import type { Subject } from './subject.ts';

type NoIdentity = Extract<IdentityAnswer, { kind: 'none' }>;
type Unavailable = Extract<IdentityAnswer, { kind: 'unavailable' }>;

/** A review that needed no look at an identity. */
export function describeSkip(request: ReviewRequest, reason: SkipReason, pod: Pod | undefined): Decision {
  return { ...emptyDecision(request, pod), outcome: 'skipped', reason, detail: skipDetails[reason] };
}

/** A pod whose identity is known: changed, or left as it is. */
export function describeInjection(
  request: ReviewRequest,
  subject: Subject,
  identity: Identity,
  injection: Injection,
): Decision {
  const injected = injection.containers.filter(plan => plan.kind === 'inject').length;
  return {
    ...emptyDecision(request, subject.pod),
    ...(injection.kind === 'inject'
      ? { outcome: 'mutated', reason: 'identity_injected' }
      : { outcome: keepOutcome(injection.reason), reason: injection.reason }),
    detail: describeIdentity(identity),
    hook: subject.hook,
    serviceAccount: subject.account.name,
    method: identity.method,
    role: identity.method === 'web_identity' ? identity.roleArn.value : '',
    notices: injection.notices,
    containersInjected: injected,
    containersSkipped: injection.containers.flatMap(plan => (plan.kind === 'keep' ? [plan.reason] : [])),
  };
}

/** A pod whose ServiceAccount has no identity. */
export function describeNoIdentity(request: ReviewRequest, subject: Subject, answer: NoIdentity): Decision {
  return {
    ...emptyDecision(request, subject.pod),
    outcome: noIdentityOutcome(answer.reason),
    reason: answer.reason,
    detail: answer.detail,
    hook: subject.hook,
    serviceAccount: subject.account.name,
    notices: answer.notices,
  };
}

/** A pod without identity that is refused because it asked to be. */
export function describeDenial(decision: Decision, prefix: string): Decision {
  const detail = `the pod has the label ${prefix}/require-pod-identity and gets no AWS identity: ${decision.detail} (${decision.reason})`;
  return { ...decision, outcome: 'denied', reason: 'identity_required', detail };
}

/** A pod whose identity could not be found out in time. */
export function describeUnavailable(request: ReviewRequest, subject: Subject, answer: Unavailable): Decision {
  return {
    ...emptyDecision(request, subject.pod),
    outcome: 'error',
    reason: answer.reason,
    detail: answer.detail,
    hook: subject.hook,
    serviceAccount: subject.account.name,
  };
}

type CommonFields = Omit<Decision, 'outcome' | 'reason' | 'detail'>;

function emptyDecision(request: ReviewRequest, pod: Pod | undefined): CommonFields {
  return {
    hook: 'default',
    uid: request.uid,
    dryRun: request.dryRun,
    namespace: request.namespace,
    pod: displayName(pod),
    serviceAccount: '',
    method: 'none',
    role: '',
    notices: [],
    containersInjected: 0,
    containersSkipped: [],
  };
}

/** A pod that is being created often has no name yet (E24). */
function displayName(pod: Pod | undefined): string {
  if (pod === undefined) return '';
  if (pod.name !== '') return pod.name;
  return pod.generateName === '' ? '' : `${pod.generateName}*`;
}

function describeIdentity(identity: Identity): string {
  if (identity.method === 'container_credentials') return 'container credentials by association';
  return `role ${identity.roleArn.value} from ${identity.roleArn.from}`;
}

function keepOutcome(reason: Extract<Injection, { kind: 'keep' }>['reason']): Outcome {
  return reason === 'already_injected' || reason === 'already_configured' ? 'unchanged' : 'skipped';
}

function noIdentityOutcome(reason: NoIdentity['reason']): Outcome {
  if (reason === 'service_account_not_found') return 'service_account_not_found';
  return reason === 'invalid_role_arn' ? 'invalid_annotation' : 'no_identity';
}

const skipDetails: { readonly [reason in SkipReason]: string } = {
  not_a_pod: 'the review is not about core/v1 pods',
  operation_not_handled: 'only CREATE of pods, and UPDATE of pods/ephemeralcontainers, are handled',
  subresource_not_handled: 'only the subresource ephemeralcontainers is handled',
  no_object: 'the review holds no object',
  mirror_pod: 'the pod is the image of a static pod',
  skip_label: 'the pod has the label that skips this webhook',
  exempt_namespace: 'the namespace is exempt by --exempt-namespaces',
};
