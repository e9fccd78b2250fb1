import type { Identity, IdentityAnswer } from '../identity/identity.ts';
import { misplacedOnPod } from '../identity/misplaced-annotations.ts';
import { planEphemeralInjection } from '../injection/inject-ephemeral.ts';
import { planInjection, type Injection } from '../injection/inject.ts';
import type { Pod } from '../injection/pod.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import type { Decision, Outcome, SkipReason } from './answer.ts';
import { reportOutcomes } from './report-outcomes.ts';
import type { ReviewRequest } from './review-request.ts';
import type { Skip, Subject } from './subject.ts';

/** What becomes of a review: the decision, and what it rests on. */
export interface Judgement {
  readonly request: ReviewRequest;
  /** Undefined where the review is passed over. */
  readonly subject: Subject | undefined;
  /** Undefined where there is no identity. */
  readonly injection: Injection | undefined;
  readonly decision: Decision;
}

export interface JudgeOptions {
  readonly injection: InjectionSettings;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

/** Decides about a pod whose identity was asked for. The webhook and all commands decide here. */
export function judge(
  request: ReviewRequest,
  subject: Subject,
  answer: IdentityAnswer,
  options: JudgeOptions,
): Judgement {
  const { injection: settings } = options;
  if (answer.kind === 'unavailable') {
    return { request, subject, injection: undefined, decision: describeUnavailable(request, subject, answer) };
  }
  if (answer.kind === 'none') {
    const decision = denyWhere(
      subject.requiresIdentity,
      describeNoIdentity(request, subject, answer, settings),
      settings,
    );
    return { request, subject, injection: undefined, decision };
  }
  const injection = plan(subject, answer.identity, options);
  const decision = describeInjection(request, subject, answer.identity, injection);
  if (!subject.requiresIdentity || decision.reason !== 'all_containers_skipped') {
    return { request, subject, injection, decision };
  }
  return {
    request,
    subject,
    injection,
    decision: denyWhere(true, { ...decision, detail: noContainerLeft }, settings),
  };
}

/** What a pod is told whose annotations skip all of its containers; the decision's own detail names the role. */
export const noContainerLeft = 'its annotations leave no container to inject into';

/** Decides about a review that needs no look at an identity. */
export function passOver(request: ReviewRequest, skip: Skip, settings: InjectionSettings): Judgement {
  const { reason, pod, requiresIdentity } = skip;
  const common = emptyDecision(request, pod);
  const hook = requiresIdentity ? 'require' : 'default';
  const decision: Decision = {
    ...common,
    outcome: 'skipped',
    hook,
    reason,
    cause: reason,
    detail: skipDetails[reason],
  };
  return {
    request,
    subject: undefined,
    injection: undefined,
    decision: denyWhere(requiresIdentity, decision, settings),
  };
}

function plan({ pod, oldPod }: Subject, identity: Identity, { injection: settings, random }: JudgeOptions): Injection {
  return oldPod === undefined
    ? planInjection(pod, identity, settings, random)
    : planEphemeralInjection(pod, oldPod, identity, settings);
}

/** A pod whose identity is known: changed, or left as it is. */
function describeInjection(
  request: ReviewRequest,
  subject: Subject,
  identity: Identity,
  injection: Injection,
): Decision {
  const { containers, notices } = injection;
  return {
    ...emptyDecision(request, subject.pod),
    ...(injection.kind === 'inject'
      ? { outcome: 'mutated', reason: 'identity_injected', cause: 'identity_injected' }
      : { outcome: unchangedOutcomes[injection.kind], reason: injection.reason, cause: injection.reason }),
    ...reportOutcomes(identity, containers),
    hook: subject.hook,
    serviceAccount: subject.account.name,
    notices,
    containersInjected: containers.filter(({ kind }) => kind === 'inject').length,
    containersSkipped: containers.flatMap(container => (container.kind === 'inject' ? [] : [container.reason])),
  };
}

const unchangedOutcomes = { complete: 'unchanged', leave: 'skipped' } as const;

type NoIdentity = Extract<IdentityAnswer, { kind: 'none' }>;

/** A pod whose ServiceAccount has no identity. */
function describeNoIdentity(
  request: ReviewRequest,
  subject: Subject,
  answer: NoIdentity,
  { annotationPrefix }: InjectionSettings,
): Decision {
  return {
    ...emptyDecision(request, subject.pod),
    outcome: noIdentityOutcome(answer.reason),
    reason: answer.reason,
    cause: answer.reason,
    detail: answer.detail,
    hook: subject.hook,
    serviceAccount: subject.account.name,
    notices: [...answer.notices, ...misplacedOnPod(subject.pod.annotations, annotationPrefix)],
  };
}

function noIdentityOutcome(reason: NoIdentity['reason']): Outcome {
  if (reason === 'service_account_not_found') return 'service_account_not_found';
  return reason === 'invalid_role_arn' ? 'invalid_annotation' : 'no_identity';
}

/** A pod without identity is refused where it asked to be. */
function denyWhere(isDenied: boolean, decision: Decision, { annotationPrefix }: InjectionSettings): Decision {
  if (!isDenied) return decision;
  const why = `${decision.detail} (${decision.reason})`;
  const detail = `the pod has the label ${annotationPrefix}/require-pod-identity and gets no AWS identity: ${why}`;
  return { ...decision, outcome: 'denied', reason: 'identity_required', detail };
}

type Unavailable = Extract<IdentityAnswer, { kind: 'unavailable' }>;

/** A pod whose identity could not be found out in time. */
function describeUnavailable(request: ReviewRequest, subject: Subject, answer: Unavailable): Decision {
  return {
    ...emptyDecision(request, subject.pod),
    outcome: 'error',
    reason: answer.reason,
    cause: answer.reason,
    detail: answer.detail,
    hook: subject.hook,
    serviceAccount: subject.account.name,
  };
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

type CommonFields = Omit<Decision, 'outcome' | 'reason' | 'cause' | 'detail'>;

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
    outcomes: [],
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
