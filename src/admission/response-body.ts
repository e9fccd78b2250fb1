import { toPatchText, type AddOperation } from '../injection/patch.ts';
import type { ReviewRequest } from './review-request.ts';

/** What an answer holds beside its frame. */
export interface Response {
  /** Set to refuse the pod; the text reaches whoever creates it. */
  readonly denial: string | undefined;
  /** Empty for no patch: then neither `patch` nor `patchType` is sent (E1, E77). */
  readonly patch: readonly AddOperation[];
  readonly warnings: readonly string[];
  /** The API server prefixes the keys with the webhook's name and writes them to the audit log. */
  readonly auditAnnotations: { readonly [key: string]: string };
}

/** The API server cuts warnings off at 256 characters, and drops all beyond 4 KiB together. */
const maxWarningCharacters = 256;
const maxWarnings = 10;

/**
 * The AdmissionReview that answers this request, as JSON. Built as text, since only the frame is ours and it is on every
 * pod's path. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
export function toResponseBody(request: ReviewRequest, response: Response): string {
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

function limitWarnings(warnings: readonly string[]): readonly string[] {
  return warnings.slice(0, maxWarnings).map(text => text.slice(0, maxWarningCharacters));
}
