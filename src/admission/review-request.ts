import { isObject, ownField, ownObject, ownString, parseJson, type JsonObject } from '../util/json.ts';
import { withoutManagedFields } from './managed-fields.ts';

/** What we look at of `AdmissionReview.request`. */
export interface ReviewRequest {
  /** `admission.k8s.io/v1` or `admission.k8s.io/v1beta1`: echoed in the answer (E1, E2). */
  readonly apiVersion: string;
  readonly uid: string;
  readonly namespace: string;
  readonly operation: string;
  readonly dryRun: boolean;
  readonly isPod: boolean;
  readonly subResource: string;
  readonly object: JsonObject | undefined;
  readonly oldObject: JsonObject | undefined;
}

export type ParsedReview =
  | { readonly kind: 'request'; readonly request: ReviewRequest }
  | { readonly kind: 'unreadable'; readonly detail: string };

const versions: readonly string[] = ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'];

/** Reads the body of a review; of duplicate keys the last wins, as in Go (E15). Never throws. */
export function parseReview(body: string): ParsedReview {
  const review = parseShortened(body);
  if (review === undefined)
    return unreadable(`a JSON document, found ${body === '' ? 'an empty body' : 'something else'}`);
  if (!isObject(review)) return unreadable('a JSON object of kind AdmissionReview');
  const apiVersion = ownString(review, 'apiVersion') ?? '';
  if (!versions.includes(apiVersion)) return unreadable(`apiVersion ${versions.join(' or ')}`);
  if (ownField(review, 'kind') !== 'AdmissionReview') return unreadable('kind AdmissionReview');
  const request = ownObject(review, 'request');
  if (request === undefined) return unreadable('a request object in the AdmissionReview');
  const uid = ownString(request, 'uid') ?? '';
  return uid === ''
    ? unreadable('a non-empty string in request.uid')
    : { kind: 'request', request: toRequest(apiVersion, uid, request) };
}

function unreadable(expected: string): ParsedReview {
  return { kind: 'unreadable', detail: `expected ${expected}` };
}

/** Without what nobody reads, whatever that holds, unless the rest is no JSON then. */
function parseShortened(body: string): unknown {
  const shorter = withoutManagedFields(body);
  return shorter === body ? parseJson(body) : (parseJson(shorter) ?? parseJson(body));
}

function toRequest(apiVersion: string, uid: string, request: JsonObject): ReviewRequest {
  return {
    apiVersion,
    uid,
    namespace: ownString(request, 'namespace') ?? '',
    operation: ownString(request, 'operation') ?? '',
    dryRun: ownField(request, 'dryRun') === true,
    isPod: isPodResource(ownObject(request, 'resource')),
    subResource: ownString(request, 'subResource') ?? '',
    object: ownObject(request, 'object'),
    oldObject: ownObject(request, 'oldObject'),
  };
}

/** Exactly core/v1 pods (E11). The API server always names the resource; who tests by hand may leave it out. */
function isPodResource(resource: JsonObject | undefined): boolean {
  if (resource === undefined) return true;
  const group = ownString(resource, 'group') ?? '';
  return group === '' && ownField(resource, 'version') === 'v1' && ownField(resource, 'resource') === 'pods';
}
