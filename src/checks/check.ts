import type { CheckContext } from './check-context.ts';
import type { WebhookWorkload } from '../cluster/workload.ts';
import type { InstalledWebhook } from '../cluster/installed-webhook.ts';

/** How a check ended. Texts are one line each. */
export type CheckOutcome =
  | { readonly status: 'passed'; readonly detail: string }
  /** `hint`: what to do about it. */
  | { readonly status: 'warning' | 'failed'; readonly detail: string; readonly hint: string }
  /** `detail`: why it could not be told, for example a right that the caller lacks. */
  | { readonly status: 'skipped'; readonly detail: string };

/** What the checks are about, in the order they are shown. */
export type CheckGroup =
  | 'Kubernetes API'
  | 'Registration'
  | 'Certificate'
  | 'Workload'
  | 'Other webhooks'
  | 'Identities'
  | 'Token issuer'
  | 'Injection'
  | 'Installation';

/** One thing that is right or wrong in a cluster. */
export interface Check {
  /** Stable: results in JSON, and the heading of docs/check.md. */
  readonly code: string;
  readonly group: CheckGroup;
  /** What is so when the check has passed. */
  readonly title: string;
  /** Rejects with KubernetesError where the API server could not be asked. */
  run(context: CheckContext): Promise<CheckOutcome>;
}

export function passed(detail: string): CheckOutcome {
  return { status: 'passed', detail };
}

export function warning(detail: string, hint: string): CheckOutcome {
  return { status: 'warning', detail, hint };
}

export function failed(detail: string, hint: string): CheckOutcome {
  return { status: 'failed', detail, hint };
}

export function skipped(detail: string): CheckOutcome {
  return { status: 'skipped', detail };
}

type Run = Check['run'];

/** A check of the registered webhook, whichever it is; skipped where there is none. */
export function ofWebhook(
  judge: (webhook: InstalledWebhook, context: CheckContext) => CheckOutcome | Promise<CheckOutcome>,
): Run {
  return async context => {
    const webhook = await context.webhook();
    return webhook === undefined ? skipped('no webhook is registered') : judge(webhook, context);
  };
}

/** A check of what answers the API server; skipped where that cannot be seen. */
export function ofWorkload(
  judge: (
    workload: WebhookWorkload,
    webhook: InstalledWebhook,
    context: CheckContext,
  ) => CheckOutcome | Promise<CheckOutcome>,
): Run {
  return ofWebhook((webhook, context) => {
    if (webhook.workload !== undefined) return judge(webhook.workload, webhook, context);
    return skipped('what answers the API server cannot be seen');
  });
}
