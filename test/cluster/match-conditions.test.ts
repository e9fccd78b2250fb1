import { describe, expect, test } from 'vitest';
import { judgeMatchConditions } from '../../src/cluster/match-conditions.ts';
import { readEntries } from '../../src/cluster/registration.ts';
import type { JsonObject } from '../../src/util/json.ts';
import { find, render, type RenderOptions } from '../chart/helm.ts';

/** The conditions of the chart's first entry. */
async function chartConditions(options: RenderOptions = {}): Promise<readonly string[]> {
  const [entry] = readEntries(find(await render(options), 'MutatingWebhookConfiguration'));
  return entry?.matchConditions ?? [];
}

const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } };
const ownLabels = { 'app.kubernetes.io/name': 'irsa-webhook', 'app.kubernetes.io/instance': 'hook' };
const ofTheWebhook = {
  values: { mutatingWebhook: { excludeReleaseNamespace: false } },
  release: 'hook',
  namespace: 'irsa',
};

const rows: readonly (readonly [what: string, pod: JsonObject, namespace: string, expected: object])[] = [
  ['an ordinary pod', { spec: { serviceAccountName: 'app' } }, 'shop', { kind: 'met' }],
  ['a template, which names no ServiceAccount yet', { spec: {} }, 'shop', { kind: 'met' }],
  ['a mirror pod', { metadata: mirror, spec: {} }, 'shop', { kind: 'unmet', detail: 'mirror pods of the kubelet' }],
  ['a pod with other annotations', { metadata: { annotations: { a: 'b' } } }, 'shop', { kind: 'met' }],
  [
    'a pod of the webhook',
    { metadata: { labels: ownLabels } },
    'irsa',
    { kind: 'unmet', detail: 'pods of the webhook itself' },
  ],
  ['such a pod in another namespace', { metadata: { labels: ownLabels } }, 'shop', { kind: 'met' }],
  [
    'a pod of another release',
    { metadata: { labels: { ...ownLabels, 'app.kubernetes.io/instance': 'other' } } },
    'irsa',
    { kind: 'met' },
  ],
];

describe('judgeMatchConditions()', () => {
  test.each(rows)("decides the chart's conditions for %s (E223)", async (_, pod, namespace, expected) => {
    expect(judgeMatchConditions(await chartConditions(ofTheWebhook), { pod, namespace })).toEqual(expected);
  });

  test('decides all conditions that the chart has, however it is installed (E223)', async () => {
    const pod = { spec: { serviceAccountName: 'app' } };
    for (const options of [{}, ofTheWebhook, { ...ofTheWebhook, namespace: 'kube-system' }]) {
      const conditions = await chartConditions(options);
      expect(conditions.length).toBeGreaterThan(1);
      expect(judgeMatchConditions(conditions, { pod, namespace: 'shop' })).toEqual({ kind: 'met' });
    }
  });

  test.each([
    ["object.metadata.name != 'x'"],
    ["has(object.spec.serviceAccountName) && object.spec.serviceAccountName == ''"],
    ["!(request.namespace == 'irsa')"],
    [''],
  ])('leaves %j undecided (E223)', condition => {
    const created = { pod: {}, namespace: 'shop' };
    expect(judgeMatchConditions([condition], created)).toEqual({ kind: 'undecided', conditions: [condition] });
  });

  test('leaves a pod out by one condition, whatever the others say (E223)', async () => {
    const conditions = ['object.spec.hostNetwork', ...(await chartConditions())];
    const created = { pod: { metadata: mirror }, namespace: 'shop' };
    expect(judgeMatchConditions(conditions, created)).toMatchObject({ kind: 'unmet' });
  });

  test('takes the text of an expression however it is broken into lines (E223)', () => {
    const written = "has(object.spec.serviceAccountName)\n  && object.spec.serviceAccountName != ''\n";
    expect(judgeMatchConditions([written], { pod: {}, namespace: 'shop' })).toEqual({ kind: 'met' });
  });
});
