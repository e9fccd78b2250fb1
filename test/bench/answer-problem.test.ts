import { describe, expect, test } from 'vitest';
import { answerProblem } from '../../bench/answer-problem.ts';
import { createReviews } from '../../bench/reviews.ts';

const review = createReviews({ namespace: 'bench-0', name: 'account-0' })[0]?.body.toString('utf8') ?? '';
const { uid }: { uid: string } = JSON.parse(review).request;

const volume = {
  op: 'add',
  path: '/spec/volumes/0',
  value: {
    name: 'aws-iam-token',
    projected: { sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com' } }] },
  },
};
const mount = {
  op: 'add',
  path: '/spec/containers/0/volumeMounts/-',
  value: { name: 'aws-iam-token', mountPath: '/var/run/secrets/eks.amazonaws.com/serviceaccount' },
};
const variables = {
  op: 'add',
  path: '/spec/containers/0/env',
  value: [{ name: 'AWS_ROLE_ARN' }, { name: 'AWS_WEB_IDENTITY_TOKEN_FILE' }],
};
const patch = [volume, mount, variables];

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}

function answer(response: object): string {
  const complete = { uid, allowed: true, patchType: 'JSONPatch', patch: base64(patch), ...response };
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: complete });
}

describe('answerProblem()', () => {
  test('finds none in an answer that gives the pod its identity', () => {
    expect(answerProblem(review, answer({}))).toBeUndefined();
  });

  const wrong = [
    { what: 'no JSON', text: 'ok', problem: 'an AdmissionReview' },
    { what: 'no response', text: '{"kind":"AdmissionReview"}', problem: 'an AdmissionReview' },
    { what: 'a refusal', text: answer({ allowed: false }), problem: 'allowed: true' },
    { what: 'another uid', text: answer({ uid: 'other' }), problem: 'the uid' },
    { what: 'no patch', text: answer({ patch: undefined, patchType: undefined }), problem: 'a JSONPatch' },
    { what: 'a patch without its type', text: answer({ patchType: undefined }), problem: 'a JSONPatch' },
    { what: 'a patch that is no list', text: answer({ patch: base64({}) }), problem: 'a base64 list' },
    { what: 'a patch that is no base64', text: answer({ patch: '{}' }), problem: 'a base64 list' },
    {
      what: 'a patch that does not apply',
      text: answer({ patch: base64([...patch, { ...mount, path: '/spec/containers/7/volumeMounts/-' }]) }),
      problem: 'to apply',
    },
    { what: 'no volume', text: answer({ patch: base64([mount, variables]) }), problem: 'a volume' },
    { what: 'no variables', text: answer({ patch: base64([volume, mount]) }), problem: 'every container' },
    { what: 'no mount', text: answer({ patch: base64([volume, variables]) }), problem: 'every container' },
  ];

  test.each(wrong)('finds $what', ({ text, problem }) => {
    expect(answerProblem(review, text)).toContain(problem);
  });
});
