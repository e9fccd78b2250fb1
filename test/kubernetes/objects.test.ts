import { describe, expect, test } from 'vitest';
import { isKind, labelsOf, matchesLabels, nameOf, namespaceOf, podTemplateOf } from '../../src/kubernetes/objects.ts';
import type { JsonObject } from '../../src/util/json.ts';

describe('matchesLabels()', () => {
  const labels = { a: '1', 'example.com/b': '' };
  test.each<{ selector: JsonObject; matches: boolean }>([
    { selector: {}, matches: true },
    { selector: { matchLabels: { a: '1' } }, matches: true },
    { selector: { matchLabels: { a: '2' } }, matches: false },
    { selector: { matchLabels: { constructor: '1' } }, matches: false },
    { selector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['1', '2'] }] }, matches: true },
    { selector: { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['1'] }] }, matches: false },
    { selector: { matchExpressions: [{ key: 'c', operator: 'NotIn', values: ['1'] }] }, matches: true },
    { selector: { matchExpressions: [{ key: 'c', operator: 'In', values: ['1'] }] }, matches: false },
    { selector: { matchExpressions: [{ key: 'example.com/b', operator: 'Exists' }] }, matches: true },
    { selector: { matchExpressions: [{ key: 'example.com/b', operator: 'DoesNotExist' }] }, matches: false },
    { selector: { matchExpressions: [{ key: 'c', operator: 'DoesNotExist' }] }, matches: true },
    { selector: { matchExpressions: [{ key: 'a', operator: 'New' }] }, matches: false },
    { selector: { matchExpressions: ['malformed'] }, matches: false },
    {
      selector: { matchLabels: { a: '1' }, matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] },
      matches: false,
    },
  ])('$matches for $selector', ({ selector, matches }) => {
    expect(matchesLabels(selector, labels)).toBe(matches);
  });
});

test('names, namespaces and labels are those of the metadata, and empty where it has none', () => {
  const pod = { metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } } };
  expect([nameOf(pod), namespaceOf(pod, 'default'), labelsOf(pod)]).toEqual(['web', 'shop', { app: 'web' }]);
  const odd = { metadata: { name: 1, namespace: '', labels: [] } };
  for (const object of [{}, { metadata: null }, odd]) {
    expect([nameOf(object), namespaceOf(object), labelsOf(object)]).toEqual(['', '', {}]);
    expect(namespaceOf(object, 'default')).toBe('default');
  }
});

test('isKind() takes only kinds of the core group', () => {
  expect(isKind({ apiVersion: 'v1', kind: 'Pod' }, 'Pod')).toBe(true);
  expect(isKind({ apiVersion: 'metrics.k8s.io/v1', kind: 'Pod' }, 'Pod')).toBe(false);
  expect(isKind({ kind: 'Pod' }, 'Pod')).toBe(false);
});

test('podTemplateOf() is what the pods of a Deployment are made of', () => {
  expect(podTemplateOf({ spec: { template: { spec: {} } } })).toEqual({ spec: {} });
  expect(podTemplateOf({})).toEqual({});
});
