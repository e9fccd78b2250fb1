import { isDeepStrictEqual } from 'node:util';
import type { ReviewAnswer, Reviewer } from '../../src/admission/answer.ts';
import { createLoneContext } from '../admission/lone-context.ts';
import { isArray, isObject, ownField, ownList, ownObject, ownString, type JsonObject } from '../../src/util/json.ts';
import { findPatchProblems, type PatchedReview } from './find-patch-problems.ts';
import { reviewerOf, type FuzzCase } from './fuzz-case.ts';
import { maxAnswerBytes } from './limits.ts';

/** What is wrong with how the pure code takes this case; nothing if all is well. Another reviewer is for tests of this. */
export function findProblems(fuzzCase: FuzzCase, toReviewer: typeof reviewerOf = reviewerOf): readonly string[] {
  try {
    return findAnswerProblems(fuzzCase, toReviewer);
  } catch (error) {
    return [`threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
}

function findAnswerProblems(fuzzCase: FuzzCase, toReviewer: typeof reviewerOf): readonly string[] {
  let { random } = fuzzCase;
  const reviewer = toReviewer(fuzzCase, () => random);
  const answer = answerAtOnce(reviewer, fuzzCase.review);
  const again = answerAtOnce(reviewer, fuzzCase.review);
  // A lifetime that is spread anew must not change a volume that is there.
  random = 1 - (random || 0.5);
  const problems: string[] = [];
  if (!isDeepStrictEqual(answer, again)) problems.push('two answers to the same review differ');
  if (Object.keys(Object.prototype).length > 0) problems.push('the prototype of all objects has been changed');
  if (answer.kind === 'unavailable') problems.push('unavailable, although nothing has to be asked');
  if ((answer.kind !== 'unreadable') !== isReview(fuzzCase.review)) problems.push(`${answer.kind}, and should not be`);
  if (answer.kind === 'answered') problems.push(...findResponseProblems(fuzzCase.review, answer.body, reviewer));
  return problems;
}

function answerAtOnce(reviewer: Reviewer, review: string): ReviewAnswer {
  const answer = reviewer.review(review, createLoneContext(1_000));
  if (answer instanceof Promise) throw new TypeError('expected an answer at once, found a promise');
  return answer;
}

/** By the words of the API, apart from the code that is tested. */
function isReview(text: string): boolean {
  const review = parseOrUndefined(text);
  if (!isObject(review) || ownField(review, 'kind') !== 'AdmissionReview') return false;
  const version = ownField(review, 'apiVersion');
  const request = ownObject(review, 'request');
  const isKnown = version === 'admission.k8s.io/v1' || version === 'admission.k8s.io/v1beta1';
  return isKnown && request !== undefined && Boolean(ownString(request, 'uid'));
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const responseFields: ReadonlySet<string> = new Set([
  'uid',
  'allowed',
  'status',
  'patchType',
  'patch',
  'warnings',
  'auditAnnotations',
]);

function findResponseProblems(review: string, body: string, reviewer: Reviewer): readonly string[] {
  const sent = objectOf(JSON.parse(review));
  const request = objectOf(ownField(sent, 'request'));
  const answer = objectOf(JSON.parse(body));
  const response = objectOf(ownField(answer, 'response'));
  const { allowed, patch, patchType } = response;
  const problems: string[] = [];
  const expect = (isRight: boolean, problem: string): void => void (isRight || problems.push(problem));
  expect(isDeepStrictEqual(Object.keys(answer), ['apiVersion', 'kind', 'response']), 'the answer has other fields');
  expect(answer['apiVersion'] === sent['apiVersion'] && answer['kind'] === sent['kind'], 'another version or kind');
  expect(response['uid'] === request['uid'], 'another uid');
  expect(
    Object.keys(response).every(name => responseFields.has(name)),
    'the response has unknown fields',
  );
  expect((patch === undefined) === (patchType === undefined), 'patch without patchType, or the reverse');
  expect(patch === undefined || patchType === 'JSONPatch', 'another patchType');
  expect(allowed === true || (allowed === false && requiresIdentity(request)), 'refused, and nobody asked for that');
  expect(allowed === true || patch === undefined, 'refused with a patch');
  expect(body.length <= maxAnswerBytes, `an answer of ${body.length} characters`);
  problems.push(...findTextProblems(response));
  if (patch !== undefined) problems.push(...findPatchProblems(toPatchedReview(sent, patch, reviewer)));
  return problems;
}

function objectOf(value: unknown): JsonObject {
  if (!isObject(value)) throw new TypeError(`expected an object, found ${JSON.stringify(value)?.slice(0, 100)}`);
  return value;
}

function requiresIdentity(request: JsonObject): boolean {
  const metadata = ownObject(ownObject(request, 'object') ?? {}, 'metadata') ?? {};
  const labels = ownObject(metadata, 'labels') ?? {};
  return ownField(labels, 'eks.amazonaws.com/require-pod-identity') === 'true';
}

// What the API server writes into the header `Warning`, and what terminals obey.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/;

function findTextProblems(response: JsonObject): readonly string[] {
  const problems: string[] = [];
  const warnings = ownList(response, 'warnings');
  if (warnings.length > 10) problems.push(`${warnings.length} warnings`);
  for (const warning of warnings) {
    if (typeof warning !== 'string' || warning.length > 256) problems.push('a warning that is no text or too long');
    else if (controlCharacter.test(warning))
      problems.push(`a warning with a control character: ${JSON.stringify(warning)}`);
  }
  const annotations = Object.entries(objectOf(response['auditAnnotations']));
  if (annotations.some(([, value]) => typeof value !== 'string')) problems.push('an audit annotation that is no text');
  return problems;
}

function toPatchedReview(review: JsonObject, patch: unknown, reviewer: Reviewer): PatchedReview {
  const request = objectOf(review['request']);
  const operations: unknown = JSON.parse(Buffer.from(String(patch), 'base64').toString());
  if (!isArray(operations)) throw new TypeError('expected a list of operations');
  return {
    pod: objectOf(request['object']),
    operations,
    reviewAgain: pod => {
      const answer = answerAtOnce(reviewer, JSON.stringify({ ...review, request: { ...request, object: pod } }));
      if (answer.kind !== 'answered')
        throw new TypeError(`expected an answer to the patched pod, found ${answer.kind}`);
      return ownField(objectOf(objectOf(JSON.parse(answer.body))['response']), 'patch');
    },
  };
}
