import type { NoIdentityReason, UnavailableReason } from '../identity/identity.ts';
import type { Notice } from '../identity/notice.ts';
import type { ContainerOutcome } from '../injection/container-outcome.ts';
import type { CompleteReason, ContainerSkipReason } from '../injection/container-plan.ts';
import type { PodLeaveReason } from '../injection/inject.ts';

/** What became of a review: metric label and log field, stable. */
export type Outcome =
  | 'mutated'
  | 'unchanged'
  | 'no_identity'
  | 'skipped'
  | 'service_account_not_found'
  | 'invalid_annotation'
  | 'denied'
  | 'error';

/** Why a review needed no look at an identity at all. */
export type SkipReason =
  | 'not_a_pod'
  | 'operation_not_handled'
  | 'subresource_not_handled'
  | 'no_object'
  | 'mirror_pod'
  | 'skip_label'
  | 'exempt_namespace';

/** Why a pod with an identity was changed or not. */
export type InjectionReason = 'identity_injected' | CompleteReason | PodLeaveReason;

/** Every reason that a decision can have: log field, audit annotation, documentation. */
export type Reason = SkipReason | InjectionReason | NoIdentityReason | UnavailableReason | 'identity_required';

export type Hook = 'default' | 'require' | 'ephemeral';

/** One decision, as the log line and the metrics show it. Holds no pod, no environment value and no token (E150). */
export interface Decision {
  readonly outcome: Outcome;
  readonly reason: Reason;
  /** Why a pod that requires an identity has none; else the same as the reason. */
  readonly cause: Reason;
  /** One line for a person. */
  readonly detail: string;
  readonly hook: Hook;
  readonly uid: string;
  readonly dryRun: boolean;
  readonly namespace: string;
  /** The pod's name, or its generateName and `*`; empty when it has neither. */
  readonly pod: string;
  readonly serviceAccount: string;
  /** How the containers get the identity that they end up with. */
  readonly method: 'web_identity' | 'container_credentials' | 'unknown' | 'none';
  /** The ARN of the one role that containers end up with; empty where there is none, and where there are several. */
  readonly role: string;
  /** What containers end up with; empty where all of them have the identity of their ServiceAccount. */
  readonly outcomes: readonly OutcomeGroup[];
  readonly notices: readonly Notice[];
  readonly containersInjected: number;
  readonly containersSkipped: readonly ContainerSkipReason[];
}

/** The containers that end up with the same. */
export interface OutcomeGroup {
  readonly outcome: ContainerOutcome['kind'];
  /** Empty where it is not known. */
  readonly role: string;
  /** The names of the first ten. */
  readonly containers: readonly string[];
  readonly count: number;
}

/** What the server does with a review. */
export type ReviewAnswer =
  /** HTTP 200 with this AdmissionReview. */
  | { readonly kind: 'answered'; readonly body: string; readonly decision: Decision }
  /** HTTP 400: the review cannot be read. `detail` says what was expected and what was found. */
  | { readonly kind: 'unreadable'; readonly detail: string }
  /** HTTP 503 with Retry-After: the API server asks again, and then its failurePolicy decides (decision 2). */
  | { readonly kind: 'unavailable'; readonly decision: Decision }
  /** Nobody waits for the answer any more. */
  | { readonly kind: 'abandoned' };

/** What the server knows of a review, beside its body. */
export interface ReviewContext {
  /** How long it may wait for something, in milliseconds from now. */
  readonly waitMs: number;
  /** True when the server has made room for something long already, and gives other reviews their time. */
  readonly isLarge: boolean;
  /** Does the work when it is its turn: what takes long, and what became ready together with much else, takes turns. */
  inTurn(size: 'small' | 'large', work: () => ReviewAnswer): Promise<ReviewAnswer>;
}

/** The protocol, as the server uses it. */
export interface Reviewer {
  /**
   * Answers the body of one AdmissionReview. A promise comes back only when the API server has to be asked, within about
   * `waitMs` milliseconds, or when the pod has many containers. Never throws and never rejects on any input.
   */
  review(body: string, context: ReviewContext): ReviewAnswer | Promise<ReviewAnswer>;
}
