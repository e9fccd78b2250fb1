import type { IdentityAnswer } from '../identity/identity.ts';
import { countContainers } from '../injection/limits.ts';
import { toPatch, type AddOperation } from '../injection/patch.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import type { Decision, ReviewAnswer, ReviewContext, Reviewer } from './answer.ts';
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

/** The way of a review: body, subject, identity, plan, patch, answer. */
export function createReviewer(options: ReviewerOptions): Reviewer {
  return { review: (body, context) => review(options, body, context) };
}

/** Each container takes about 10 µs and has about 1 KB of the answer: more than this are not done in between. */
const fewContainers = 200;

function review(options: ReviewerOptions, body: string, context: ReviewContext): ReviewAnswer | Promise<ReviewAnswer> {
  const read = readReview(body, options);
  if (read.kind === 'answer') return read.answer;
  const { request, subject } = read;
  const size = context.isLarge || countContainers(subject.pod) > fewContainers ? 'large' : 'small';
  const identity = options.identities.identityOf(subject.account, context.waitMs);
  if (identity instanceof Promise || (size === 'large' && !context.isLarge)) {
    return concludeLater(options, body, identity, work => context.inTurn(size, work));
  }
  return conclude(options, request, subject, identity);
}

/** The context of a review that has its process to itself, as in the commands. */
export function createLoneContext(waitMs: number): ReviewContext {
  return { waitMs, isLarge: true, inTurn: (_size, work) => Promise.resolve(work()) };
}

type Read =
  | { readonly kind: 'answer'; readonly answer: ReviewAnswer }
  | { readonly kind: 'subject'; readonly request: ReviewRequest; readonly subject: Subject };

function readReview(body: string, { injection }: ReviewerOptions): Read {
  const parsed = parseReview(body);
  if (parsed.kind === 'unreadable') return { kind: 'answer', answer: parsed };
  const { request } = parsed;
  const found = readSubject(request, injection);
  if (found.kind === 'subject') return { kind: 'subject', request, subject: found.subject };
  return { kind: 'answer', answer: answer(request, describeSkip(request, found.reason, found.pod)) };
}

/** What waits keeps its text alone, and is read again: the objects of a review take up to ten times as much memory. */
async function concludeLater(
  options: ReviewerOptions,
  body: string,
  identity: IdentityAnswer | Promise<IdentityAnswer>,
  inTurn: (work: () => ReviewAnswer) => Promise<ReviewAnswer>,
): Promise<ReviewAnswer> {
  const found = await identity;
  return inTurn(() => {
    const read = readReview(body, options);
    return read.kind === 'answer' ? read.answer : conclude(options, read.request, read.subject, found);
  });
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
