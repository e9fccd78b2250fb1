import { describe, expect, test } from 'vitest';
import { readAccountName, skipLabels } from '../../src/admission/subject.ts';
import { readPod } from '../../src/injection/pod.ts';

describe('readAccountName()', () => {
  test.each([
    ['the field', { serviceAccountName: 'a' }, 'a', 'serviceAccountName'],
    [
      'the field before the deprecated one',
      { serviceAccountName: 'a', serviceAccount: 'b' },
      'a',
      'serviceAccountName',
    ],
    ['the deprecated field', { serviceAccount: 'b' }, 'b', 'serviceAccount'],
    [
      'the deprecated field when the other is empty',
      { serviceAccountName: '', serviceAccount: 'b' },
      'b',
      'serviceAccount',
    ],
    ['default when both are empty', { serviceAccountName: '', serviceAccount: '' }, 'default', 'default'],
    ['default when there is something else', { serviceAccountName: 7 }, 'default', 'default'],
  ])('gives %s', (_, spec, name, from) => {
    expect(readAccountName(readPod({ spec }))).toEqual({ name, from });
  });
});

describe('skipLabels()', () => {
  test('gives the label of the AWS webhook, and ours under another prefix', () => {
    expect(skipLabels('eks.amazonaws.com')).toEqual(['eks.amazonaws.com/skip-pod-identity-webhook']);
    expect(skipLabels('example.com')).toEqual([
      'eks.amazonaws.com/skip-pod-identity-webhook',
      'example.com/skip-pod-identity-webhook',
    ]);
  });
});
