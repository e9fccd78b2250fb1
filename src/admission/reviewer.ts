import type { IdentityAnswer } from '../identity/identity.ts';
import { toPatch, type AddOperation } from '../injection/patch.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import type { Decision, ReviewAnswer, Reviewer } from './answer.ts';
import { describeSkip } from './decision.ts';
import type { IdentitySource } from './identity-source.ts';
import { judge } from './judge.ts';
import { toResponseBody } from './response-body.ts';
import { parseReview, type ReviewRequest } from './review-request.ts';
import { readSubject, type Subject } from './subject.ts';

/** What the protocol needs beside the review. */
export interface ReviewerOptions {
  readonly identities: IdentitySource;
  readonly injection: InjectionSettings;
  /** What happens when the identity cannot be found out: an HTTP error for the failurePolicy, or an admission with a warning (E13). */
  readonly faultResponse: 'error' | 'allow';
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

/** The way of a review: body, subject, identity, plan, patch, answer (design section 2). */
export function createReviewer(options: ReviewerOptions): Reviewer {
  return { review: (body, waitMs) => review(options, body, waitMs) };
}

function review(options: ReviewerOptions, body: string, waitMs: number): ReviewAnswer | Promise<ReviewAnswer> {
  const parsed = parseReview(body);
  if (parsed.kind === 'unreadable') return parsed;
  const { request } = parsed;
  const found = readSubject(request, options.injection);
  if (found.kind === 'skip') return answer(request, describeSkip(request, found.reason, found.pod));
  const { subject } = found;
  const identity = options.identities.identityOf(subject.account, waitMs);
  return identity instanceof Promise
    ? identity.then(late => conclude(options, request, subject, late))
    : conclude(options, request, subject, identity);
}

function conclude(
  options: ReviewerOptions,
  request: ReviewRequest,
  subject: Subject,
  found: IdentityAnswer,
): ReviewAnswer {
  const { decision, injection } = judge(request, subject, found, options);
  if (found.kind === 'unavailable') {
    if (options.faultResponse === 'error' || subject.requiresIdentity) return { kind: 'unavailable', decision };
    return answer(request, decision, { warning: `the pod is admitted without an AWS identity: ${decision.detail}` });
  }
  if (decision.outcome === 'denied') return answer(request, decision, { denial: decision.detail });
  return injection?.kind === 'inject'
    ? answer(request, decision, { patch: toPatch(subject.pod, injection) })
    : answer(request, decision);
}

interface AnswerParts {
  readonly patch?: readonly AddOperation[];
  readonly denial?: string;
  readonly warning?: string;
}

function answer(request: ReviewRequest, decision: Decision, parts: AnswerParts = {}): ReviewAnswer {
  const { outcome, reason, detail } = decision;
  const notices = decision.notices.map(notice => `irsa-webhook: ${notice.detail} (${notice.code})`);
  const body = toResponseBody(request, {
    denial: parts.denial,
    patch: parts.patch ?? [],
    warnings: parts.warning === undefined ? notices : [`irsa-webhook: ${parts.warning} (${reason})`, ...notices],
    auditAnnotations: { decision: outcome, reason, detail },
  });
  return { kind: 'answered', body, decision };
}
