import { describe, expect, test } from 'vitest';
import { explainEntries } from '../../../src/commands/explain/cluster-session.ts';
import { readEntries } from '../../../src/cluster/registration.ts';

const podCreation = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const labels = {
  pod: { metadata: { labels: { app: 'web', tier: 'front' } } },
  namespace: 'shop',
  namespaceLabels: { 'kubernetes.io/metadata.name': 'shop' },
};

function explainOne(entry: object, given: Parameters<typeof explainEntries>[1] = labels) {
  const webhooks = [{ name: 'hook', failurePolicy: 'Ignore', rules: [podCreation], ...entry }];
  return explainEntries(readEntries({ webhooks }), given);
}

const expressions = (...matchExpressions: readonly object[]): object => ({ matchExpressions });

describe('explainEntries()', () => {
  test.each([
    ['without selectors', {}],
    ['with empty ones', { objectSelector: {}, namespaceSelector: {} }],
    [
      'by labels of both',
      {
        objectSelector: { matchLabels: { app: 'web' } },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
      },
    ],
    [
      'by expressions',
      {
        objectSelector: expressions(
          { key: 'app', operator: 'In', values: ['web'] },
          { key: 'app', operator: 'Exists' },
          { key: 'b', operator: 'DoesNotExist' },
          { key: 'b', operator: 'NotIn', values: ['x'] },
        ),
      },
    ],
  ])('says that an entry selects the pod %s', (_, entry) => {
    expect(explainOne(entry)).toMatchObject([
      { name: 'hook', selects: true, detail: 'selects this pod', failurePolicy: 'Ignore' },
    ]);
  });

  const pod = 'its objectSelector excludes the pod: it needs';
  const namespace = 'its namespaceSelector excludes the namespace: it needs';
  test.each([
    ['a label', { objectSelector: { matchLabels: { app: 'web', tier: 'back' } } }, `${pod} tier=back, found "front"`],
    [
      'a label that is not there',
      { objectSelector: { matchLabels: { other: 'x' } } },
      `${pod} other=x, found no such label`,
    ],
    [
      'In',
      { objectSelector: expressions({ key: 'app', operator: 'In', values: ['a', 'b'] }) },
      `${pod} app In (a, b), found "web"`,
    ],
    [
      'NotIn',
      { objectSelector: expressions({ key: 'app', operator: 'NotIn', values: ['web'] }) },
      `${pod} app NotIn (web), found "web"`,
    ],
    [
      'Exists',
      { objectSelector: expressions({ key: 'b', operator: 'Exists' }) },
      `${pod} b Exists, found no such label`,
    ],
    [
      'DoesNotExist',
      { objectSelector: expressions({ key: 'app', operator: 'DoesNotExist' }) },
      `${pod} app DoesNotExist, found "web"`,
    ],
    [
      'the namespace',
      { namespaceSelector: { matchLabels: { irsa: 'on' } } },
      `${namespace} irsa=on, found no such label`,
    ],
  ])('names the requirement that is not met: %s', (_, entry, detail) => {
    expect(explainOne(entry)).toMatchObject([{ selects: false, detail }]);
  });

  test('says what it cannot judge', () => {
    const unread = { pod: {}, namespace: 'shop', namespaceLabels: undefined };
    const selector = { namespaceSelector: { matchLabels: { irsa: 'on' } } };
    expect(explainOne(selector, unread)).toMatchObject([
      {
        selects: true,
        detail: 'selects this pod, if its namespaceSelector takes the namespace, whose labels may not be read',
      },
    ]);
    const conditions = { matchConditions: [{ name: 'a', expression: 'object.spec.x == 1' }] };
    expect(explainOne(conditions)).toMatchObject([
      {
        selects: true,
        detail: 'selects this pod, if its other matchConditions agree, which are undecided here',
        matchConditions: ['object.spec.x == 1'],
      },
    ]);
  });

  test("decides the chart's match conditions (E223)", () => {
    const expression =
      "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)";
    const conditions = { matchConditions: [{ name: 'a', expression }] };
    expect(explainOne(conditions)).toMatchObject([{ selects: true, detail: 'selects this pod', matchConditions: [] }]);
    const pod = { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } };
    expect(explainOne(conditions, { ...labels, pod })).toMatchObject([
      { selects: false, detail: 'its matchConditions leave out mirror pods of the kubelet' },
    ]);
  });

  test('passes over entries that are not about new pods', () => {
    expect(explainOne({ rules: [{ ...podCreation, operations: ['UPDATE'] }] })).toEqual([]);
    expect(explainOne({ rules: [{ ...podCreation, resources: ['pods/ephemeralcontainers'] }] })).toEqual([]);
  });
});
