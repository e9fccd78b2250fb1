import { toPatch, toPatchText, type AddOperation } from '../injection/patch.ts';
import type { ReviewAnswer } from './answer.ts';
import type { Judgement } from './judge.ts';
import type { ReviewRequest } from './review-request.ts';

/** What happens when the identity cannot be found out: an HTTP error for the failurePolicy, or an admission with a warning (E13). */
export type FaultResponse = 'error' | 'allow';

/** Returns what the API server gets for this judgement. */
export function respond(judgement: Judgement, faultResponse: FaultResponse): ReviewAnswer {
  const { subject, decision } = judgement;
  if (decision.outcome !== 'error') return answer(judgement, patchOf(judgement));
  if (faultResponse === 'error' || subject?.requiresIdentity === true) return { kind: 'unavailable', decision };
  return answer(judgement, [], `the pod is admitted without an AWS identity: ${decision.detail}`);
}

/** Returns what the pod gets; empty where it is not changed. */
export function patchOf({ subject, injection, decision }: Judgement): readonly AddOperation[] {
  if (subject === undefined || injection?.kind !== 'inject' || decision.outcome === 'denied') return [];
  return toPatch(subject.pod, injection);
}

function answer({ request, decision }: Judgement, patch: readonly AddOperation[], warning?: string): ReviewAnswer {
  const { outcome, reason, detail } = decision;
  const notices = decision.notices.map(notice => `irsa-webhook: ${notice.detail} (${notice.code})`);
  const body = toResponseBody(request, {
    denial: outcome === 'denied' ? detail : undefined,
    patch,
    warnings: warning === undefined ? notices : [`irsa-webhook: ${warning} (${reason})`, ...notices],
    auditAnnotations: { decision: outcome, reason, detail },
  });
  return { kind: 'answered', body, decision };
}

/** What an answer holds beside its frame. */
interface Response {
  /** Refuses the pod where it is set; the creator of the pod sees the text. */
  readonly denial: string | undefined;
  /** Empty for no patch: then neither `patch` nor `patchType` is sent (E1, E77). */
  readonly patch: readonly AddOperation[];
  readonly warnings: readonly string[];
  /** The API server prefixes the keys with the webhook's name and writes them to the audit log. */
  readonly auditAnnotations: { readonly [key: string]: string };
}

/**
 * The AdmissionReview that answers this request, as JSON. Built as text, since only the frame is ours and it is on every
 * pod's path. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
function toResponseBody(request: ReviewRequest, response: Response): string {
  const { denial, patch, warnings, auditAnnotations } = response;
  return (
    `{"apiVersion":"${request.apiVersion}","kind":"AdmissionReview",` +
    `"response":{"uid":${JSON.stringify(request.uid)},"allowed":${denial === undefined}` +
    (denial === undefined ? '' : `,"status":${JSON.stringify({ code: 403, reason: 'Forbidden', message: denial })}`) +
    (patch.length === 0 ? '' : `,"patchType":"JSONPatch","patch":"${toBase64(toPatchText(patch))}"`) +
    (warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(limitWarnings(warnings))}`) +
    `,"auditAnnotations":${JSON.stringify(auditAnnotations)}}}`
  );
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** The API server cuts warnings off at 256 characters, and drops all beyond 4 KiB together. */
const maxWarningCharacters = 256;
const maxWarnings = 10;

function limitWarnings(warnings: readonly string[]): readonly string[] {
  return warnings.slice(0, maxWarnings).map(text => text.slice(0, maxWarningCharacters));
}
