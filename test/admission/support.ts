import type { Decision, ReviewAnswer, Reviewer } from '../../src/admission/answer.ts';
import type { IdentitySource } from '../../src/admission/identity-source.ts';
import { createReviewer, type ReviewerOptions } from '../../src/admission/reviewer.ts';
import { createLoneContext } from './lone-context.ts';
import type { IdentityAnswer } from '../../src/identity/identity.ts';
import { settingsWith, webIdentity } from '../injection/support.ts';

/** Answers every question alike and remembers what was asked. */
export function constantSource(answer: IdentityAnswer = { kind: 'identity', identity: webIdentity }): IdentitySource & {
  readonly asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    identityOf({ namespace, name }) {
      asked.push(`${namespace}/${name}`);
      return answer;
    },
  };
}

export function reviewerWith(changes: Partial<ReviewerOptions> = {}): Reviewer {
  return createReviewer({
    identities: constantSource(),
    injection: settingsWith(),
    faultResponse: 'error',
    random: () => 0.5,
    ...changes,
  });
}

/** A decision about a pod that got its identity. */
export const mutated: Decision = {
  outcome: 'mutated',
  reason: 'identity_injected',
  cause: 'identity_injected',
  detail: 'role r',
  hook: 'default',
  uid: 'uid-1',
  dryRun: false,
  namespace: 'ns',
  pod: 'app',
  serviceAccount: 'app',
  method: 'web_identity',
  role: 'r',
  outcomes: [],
  notices: [],
  containersInjected: 1,
  containersSkipped: [],
};

export const pod: { readonly [field: string]: unknown } = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app' },
  spec: { serviceAccountName: 'app', containers: [{ name: 'app' }] },
};

/** A review as the API server sends it, but for what a test says. */
export function reviewOf(request: object = {}, review: object = {}): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'uid-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'ns',
      operation: 'CREATE',
      object: pod,
      oldObject: null,
      dryRun: false,
      ...request,
    },
    ...review,
  });
}

/** The answer to a review that needs no waiting. */
export function answerOf(reviewer: Reviewer, body: string): ReviewAnswer {
  const answer = reviewer.review(body, createLoneContext(1_000));
  if (answer instanceof Promise) throw new Error('expected an answer at once, found a promise');
  return answer;
}

export interface ParsedResponse {
  readonly apiVersion: string;
  readonly kind: string;
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly patch?: string;
    readonly patchType?: string;
    readonly warnings?: readonly string[];
    readonly status?: { readonly message: string; readonly code: number };
    readonly auditAnnotations: { readonly [key: string]: string };
  };
}

/** The body of an answer, parsed; fails on an answer of another kind. */
export function responseOf(answer: ReviewAnswer): ParsedResponse {
  if (answer.kind !== 'answered') throw new Error(`expected an answer, found ${answer.kind}`);
  return JSON.parse(answer.body);
}
