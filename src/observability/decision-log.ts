import type { Decision, Outcome } from '../admission/answer.ts';
import type { ReviewObserver } from '../server/review.ts';
import { flatCopy, capLength } from '../util/text.ts';
import type { LogFields } from '../util/log.ts';
import { createRateLimit } from '../util/rate-limit.ts';
import type { Logger } from './logger.ts';

export interface DecisionLogOptions {
  readonly log: Logger;
  /** Milliseconds of any clock. */
  readonly now: () => number;
}

/** Close to the AWS webhook's texts, which people search for. */
const messages: { readonly [outcome in Outcome]: string } = {
  mutated: 'Pod was mutated.',
  unchanged: 'Pod was not mutated. Reason: Required volume mounts and env variables were already present.',
  no_identity: 'Pod was not mutated. Reason: Service account did not have the right annotations.',
  service_account_not_found: 'Pod was not mutated. Reason: Service account was not found.',
  invalid_annotation: 'Pod was not mutated. Reason: Service account has an annotation that is not valid.',
  skipped: 'Pod was not mutated. Reason: It needs no identity.',
  denied: 'Pod was denied. Reason: It requires an identity and has none.',
  error: 'Pod was not mutated. Reason: Its identity could not be found out.',
};

const maxKeyLength = 512; // a namespace of 63 and a name of 253 characters, with room

/**
 * The log of decisions, one line for each: info for a mutated or refused pod, warn for one that could not be decided, debug
 * for the rest. Warnings appear at most once a minute for the same cause.
 */
export function createDecisionLog({ log, now }: DecisionLogOptions): ReviewObserver {
  const perMinute = createRateLimit({ intervalMs: 60_000, maxKeys: 1_024, now });
  const warnSometimes = (key: string, message: string, fields: LogFields): void => {
    const more = perMinute.pass(flatCopy(key.slice(0, maxKeyLength)));
    if (more !== undefined) log.warn(message, { ...fields, more });
  };
  return {
    decided(decision, seconds) {
      logDecision(log, decision, seconds, warnSometimes);
      for (const { code, detail } of decision.notices) {
        const { namespace, serviceAccount } = decision;
        const fields = { code, detail, namespace, serviceAccount };
        warnSometimes(`${code} ${namespace}/${serviceAccount}`, 'Identity needs attention.', fields);
      }
    },
    unreadable: detail => warnSometimes('unreadable', 'Review cannot be read.', { detail }),
    abandoned: () => warnSometimes('abandoned', 'The API server gave up before the answer was there.', {}),
  };
}

function logDecision(
  log: Logger,
  decision: Decision,
  seconds: number,
  warnSometimes: (key: string, message: string, fields: LogFields) => void,
): void {
  const { outcome, reason, namespace, serviceAccount } = decision;
  const message = messages[outcome];
  switch (outcome) {
    case 'mutated':
      log.infoLine(message, membersOf(decision, seconds));
      return;
    case 'denied':
      log.info(message, fieldsOf(decision, seconds));
      return;
    case 'error':
      warnSometimes(`${reason} ${namespace}/${serviceAccount}`, message, fieldsOf(decision, seconds));
      return;
    default:
      if (log.isEnabled('debug')) log.debug(message, fieldsOf(decision, seconds));
  }
}

function fieldsOf(decision: Decision, seconds: number): LogFields {
  return {
    uid: decision.uid,
    namespace: decision.namespace,
    pod: decision.pod,
    serviceAccount: decision.serviceAccount,
    decision: decision.outcome,
    reason: decision.reason,
    detail: decision.detail,
    method: decision.method,
    role: decision.role,
    durationMs: toMilliseconds(seconds),
    dryRun: decision.dryRun,
  };
}

/** The same fields as JSON; without the detail where that says only the role. */
function membersOf(decision: Decision, seconds: number): string {
  return (
    `"uid":${quote(decision.uid)},"namespace":${quote(decision.namespace)},"pod":${quote(decision.pod)},` +
    `"serviceAccount":${quote(decision.serviceAccount)},"decision":"${decision.outcome}","reason":"${decision.reason}",` +
    `"method":"${decision.method}","role":${quote(decision.role)},${detailMember(decision)}"durationMs":${toMilliseconds(seconds)},` +
    `"dryRun":${decision.dryRun}`
  );
}

/** Where containers end up with different things, the role alone does not say it. */
function detailMember({ outcomes, detail }: Decision): string {
  return outcomes.length === 0 ? '' : `"detail":${quote(detail)},`;
}

function quote(value: string): string {
  return JSON.stringify(capLength(value));
}

/** To the microsecond. */
function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e3;
}

/** Counts each decision and logs it. */
export function createReviewRecorder(metrics: Pick<ReviewObserver, 'decided'>, log: ReviewObserver): ReviewObserver {
  return {
    decided(decision, seconds) {
      metrics.decided(decision, seconds);
      log.decided(decision, seconds);
    },
    unreadable: detail => log.unreadable(detail),
    abandoned: () => log.abandoned(),
  };
}
