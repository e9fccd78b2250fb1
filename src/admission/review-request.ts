import { isObject, ownField, ownObject, ownString, parseJson, type JsonObject } from '../util/json.ts';

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
  if (review !== undefined) return readReview(review);
  return unreadable(`a JSON document, found ${body === '' ? 'an empty body' : 'something else'}`);
}

/** Reads a review that is a JSON document already. */
export function readReview(review: unknown): ParsedReview {
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

/** What is known of a pod of which there is no review. */
export interface CreationOptions {
  readonly namespace: string;
  readonly uid?: string;
}

/** Returns the review that the API server would send about the creation of this pod. */
export function reviewOfCreation(pod: JsonObject, { namespace, uid = '' }: CreationOptions): ReviewRequest {
  return {
    apiVersion: 'admission.k8s.io/v1',
    uid,
    namespace,
    operation: 'CREATE',
    dryRun: true,
    isPod: true,
    subResource: '',
    object: pod,
    oldObject: undefined,
  };
}

function unreadable(expected: string): ParsedReview {
  return { kind: 'unreadable', detail: `expected ${expected}` };
}

/** Without what nobody reads, whatever that holds, unless the rest is no JSON then. */
function parseShortened(body: string): unknown {
  const shorter = withoutManagedFields(body);
  return shorter === body ? parseJson(body) : (parseJson(shorter) ?? parseJson(body));
}

/** How Go writes it: `managedFields` is the last field of the metadata, and nearly always the last before the spec. */
const beginning = ',"managedFields":[{';
const end = ']},"spec":{';

/**
 * The text of a review without the entries of its pod's `managedFields`, which are a third of it, half of the time that it
 * takes to parse, and not read by anyone here. Text of any other form is given back as it is.
 *
 * Nothing else can be lost. In a JSON document both marks stand outside of strings, where quotes would be escaped. The cut
 * goes to the first closing bracket: that of `managedFields` itself, or that of a list inside its entries, and then what is
 * left is no JSON document, because it closes more than it opens.
 */
export function withoutManagedFields(review: string): string {
  const beginsAt = review.indexOf(beginning);
  if (beginsAt === -1) return review;
  const from = beginsAt + beginning.length - 1;
  const to = review.indexOf(']', from);
  return to !== -1 && review.startsWith(end, to) ? review.slice(0, from) + review.slice(to) : review;
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
