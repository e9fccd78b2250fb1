import type { AddOperation } from '../injection/patch.ts';
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
  const parts = [`{"apiVersion":"${request.apiVersion}","kind":"AdmissionReview","response":{"uid":`];
  parts.push(JSON.stringify(request.uid), `,"allowed":${response.denial === undefined}`);
  if (response.denial !== undefined) {
    const status = { code: 403, reason: 'Forbidden', message: response.denial };
    parts.push(`,"status":${JSON.stringify(status)}`);
  }
  if (response.patch.length > 0) {
    const patch = Buffer.from(JSON.stringify(response.patch)).toString('base64');
    parts.push(`,"patchType":"JSONPatch","patch":"${patch}"`);
  }
  if (response.warnings.length > 0) parts.push(`,"warnings":${JSON.stringify(limitWarnings(response.warnings))}`);
  parts.push(`,"auditAnnotations":${JSON.stringify(response.auditAnnotations)}}}`);
  return parts.join('');
}

function limitWarnings(warnings: readonly string[]): readonly string[] {
  return warnings.slice(0, maxWarnings).map(text => text.slice(0, maxWarningCharacters));
}
