import { randomInt } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Reviewer } from '../../src/admission/answer.ts';
import { reviewOf } from '../admission/support.ts';
import { findProblems } from './find-problems.ts';
import { reviewerOf, type FuzzCase } from './fuzz-case.ts';
import { readRegressions } from './regressions.ts';
import { runCases } from './run-cases.ts';

/** Some ten seconds; `make fuzz` runs a million. */
const cases = 6_000;

describe('review() of what is made up', () => {
  test('keeps every property of test/fuzz/find-problems.ts', { timeout: 180_000 }, () => {
    const seed = randomInt(2 ** 31);
    console.log(`fuzz: ${cases} cases of seed ${seed} (again: make fuzz SEED=${seed} CASES=${cases})`);
    expect(runCases(seed, cases)).toMatchObject({ cases, failure: undefined });
  });

  test.each(readRegressions())('keeps them in the case that failed once: %s', (_name, regression) => {
    expect(findProblems(regression.case)).toEqual([]);
  });
});

/** A plain pod whose account has a role. */
const plainCase: FuzzCase = {
  review: reviewOf({
    object: {
      metadata: { name: 'app', labels: {} },
      spec: { serviceAccountName: 'app', containers: [{ name: 'app', env: [{ name: 'A', value: 'b' }] }] },
    },
  }),
  account: {
    metadata: { name: 'app', annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/app' } },
  },
  mapping: '{}',
  associations: '',
  injection: {},
  identity: {},
  random: 0.5,
};

/** A reviewer whose answers are changed, as text. */
function tampered(change: (body: string) => string): typeof reviewerOf {
  return (fuzzCase, random): Reviewer => {
    const reviewer = reviewerOf(fuzzCase, random);
    return {
      review(body, context) {
        const answer = reviewer.review(body, context);
        return 'kind' in answer && answer.kind === 'answered' ? { ...answer, body: change(answer.body) } : answer;
      },
    };
  };
}

/** A reviewer with this operation at the end of its patch. */
function withOperation(operation: object): typeof reviewerOf {
  return tampered(body => {
    const review = JSON.parse(body);
    if (review.response.patch === undefined) return body;
    const operations: unknown[] = JSON.parse(Buffer.from(review.response.patch, 'base64').toString());
    review.response.patch = Buffer.from(JSON.stringify([...operations, operation])).toString('base64');
    return JSON.stringify(review);
  });
}

function add(path: string, value: unknown): object {
  return { op: 'add', path, value };
}

// Were the search blind, it would find nothing either.
describe('findProblems()', () => {
  test('finds none in a plain case', () => {
    expect(findProblems(plainCase)).toEqual([]);
  });

  test.each([
    ['another uid', tampered(body => body.replace('uid-1', 'uid-2')), 'another uid'],
    ['a refusal', tampered(body => body.replace('"allowed":true', '"allowed":false')), 'refused'],
    ['another version', tampered(body => body.replace('/v1"', '/v1beta1"')), 'another version'],
    ['a warning with a line break', tampered(body => body.replace('"audit', '"warnings":["\\n"],"audit')), 'control'],
    ['a removal', withOperation({ op: 'remove', path: '/spec/volumes/0' }), 'must not be'],
    ['a test', withOperation({ op: 'test', path: '/spec/volumes', value: [] }), 'must not be'],
    ['a change of an image', withOperation(add('/spec/containers/0/image', 'x')), 'must not be'],
    ['an annotation', withOperation(add('/metadata/annotations', {})), 'must not be'],
    ['another label', withOperation(add('/metadata/labels/app', 'x')), 'must not be'],
    ['a change of the status', withOperation(add('/status', {})), 'must not be'],
    ['a path into a prototype', withOperation(add('/__proto__/env', {})), 'must not be'],
    ['a lost variable', withOperation(add('/spec/containers/0/env', [])), 'only grown'],
    ['a variable twice', withOperation(add('/spec/containers/0/env/-', { name: 'AWS_ROLE_ARN' })), 'added twice'],
    ['a variable of the user', withOperation(add('/spec/containers/0/env/-', { name: 'A' })), 'overridden'],
    ['no such container', withOperation(add('/spec/containers/7/env/-', { name: 'B' })), 'threw'],
  ])('finds %s', (_name, toReviewer, problem) => {
    expect(findProblems(plainCase, toReviewer).join('\n')).toContain(problem);
  });

  test('finds that a case throws', () => {
    const throwing = (): never => {
      throw new Error('broken');
    };
    expect(findProblems(plainCase, () => ({ review: throwing })).join('\n')).toContain('broken');
  });
});
