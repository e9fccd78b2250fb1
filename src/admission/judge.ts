import type { IdentityAnswer } from '../identity/identity.ts';
import { planEphemeralInjection } from '../injection/inject-ephemeral.ts';
import { planInjection, type Injection } from '../injection/inject.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import type { Decision } from './answer.ts';
import { describeDenial, describeInjection, describeNoIdentity, describeUnavailable } from './decision.ts';
import type { ReviewRequest } from './review-request.ts';
import type { Subject } from './subject.ts';

/** What becomes of a pod that may be touched: the decision, and what is to be injected. */
export interface Judgement {
  readonly decision: Decision;
  /** Undefined where there is no identity. */
  readonly injection: Injection | undefined;
}

export interface JudgeOptions {
  readonly injection: InjectionSettings;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

/** Decides about a pod whose identity was asked for; the webhook and `irsa explain` both decide here. */
export function judge(
  request: ReviewRequest,
  subject: Subject,
  answer: IdentityAnswer,
  { injection: settings, random }: JudgeOptions,
): Judgement {
  if (answer.kind === 'unavailable') {
    return { decision: describeUnavailable(request, subject, answer), injection: undefined };
  }
  if (answer.kind === 'none') {
    const decision = describeNoIdentity(request, subject, answer);
    const denied = subject.requiresIdentity ? describeDenial(decision, settings.annotationPrefix) : decision;
    return { decision: denied, injection: undefined };
  }
  const { pod, oldPod } = subject;
  const injection =
    oldPod === undefined
      ? planInjection(pod, answer.identity, settings, random)
      : planEphemeralInjection(pod, oldPod, answer.identity, settings);
  return { decision: describeInjection(request, subject, answer.identity, injection), injection };
}
