import type { IdentityAnswer } from '../identity/identity.ts';
import { countContainers } from '../injection/pod.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import type { ReviewAnswer, ReviewContext, Reviewer } from './answer.ts';
import type { IdentitySource } from './identity-source.ts';
import { judge, passOver } from './judge.ts';
import { respond, type FaultResponse } from './respond.ts';
import { parseReview, type ReviewRequest } from './review-request.ts';
import { readSubject, type Subject } from './subject.ts';

/** What the protocol needs beside the review. */
export interface ReviewerOptions {
  readonly identities: IdentitySource;
  readonly injection: InjectionSettings;
  readonly faultResponse: FaultResponse;
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
  return respond(judge(request, subject, identity, options), options.faultResponse);
}

type Read =
  | { readonly kind: 'answer'; readonly answer: ReviewAnswer }
  | { readonly kind: 'subject'; readonly request: ReviewRequest; readonly subject: Subject };

function readReview(body: string, { injection, faultResponse }: ReviewerOptions): Read {
  const parsed = parseReview(body);
  if (parsed.kind === 'unreadable') return { kind: 'answer', answer: parsed };
  const { request } = parsed;
  const found = readSubject(request, injection);
  if (found.kind === 'subject') return { kind: 'subject', request, subject: found.subject };
  return { kind: 'answer', answer: respond(passOver(request, found, injection), faultResponse) };
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
    if (read.kind === 'answer') return read.answer;
    return respond(judge(read.request, read.subject, found, options), options.faultResponse);
  });
}
