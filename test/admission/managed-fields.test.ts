import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseReview, withoutManagedFields } from '../../src/admission/review-request.ts';
import { isObject } from '../../src/util/json.ts';
import { oddJson } from '../fuzz/json-arbitrary.ts';

const entries = [
  {
    manager: 'kube-controller-manager',
    operation: 'Update',
    fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { '.': {}, 'f:image': {} } } } },
  },
  { manager: 'kubectl-label', operation: 'Update', fieldsV1: { 'f:metadata': { 'f:labels': { 'f:app': {} } } } },
];

/** A review whose pod has these fields, in the order in which they are given. */
function reviewWith(object: object): string {
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: { uid: 'uid-1', namespace: 'ns', operation: 'CREATE', object },
  });
}

const spec = { serviceAccountName: 'app', containers: [{ name: 'app' }] };

describe('withoutManagedFields()', () => {
  test('takes the entries out of what the API server sends', () => {
    const metadata = { generateName: 'app-', labels: { app: 'app' } };
    const review = reviewWith({ kind: 'Pod', metadata: { ...metadata, managedFields: entries }, spec, status: {} });
    const expected = reviewWith({ kind: 'Pod', metadata: { ...metadata, managedFields: [] }, spec, status: {} });
    expect(withoutManagedFields(review)).toBe(expected);
  });

  const name = 'app';
  const text = reviewWith({ metadata: { name, managedFields: entries }, spec });
  const unchanged: { readonly [what: string]: string } = {
    'a review without any': reviewWith({ metadata: { name }, spec }),
    'none in the list': reviewWith({ metadata: { name, managedFields: [] }, spec }),
    'fields after them, as kubectl sorts them': reviewWith({
      metadata: { managedFields: entries, name, ownerReferences: [{ kind: 'Node' }] },
      spec,
    }),
    'a list after them': reviewWith({ metadata: { name, managedFields: entries, finalizers: ['a'] }, spec }),
    'the spec before the metadata': reviewWith({ spec, metadata: { name, managedFields: entries } }),
    'a bracket in a name': reviewWith({ metadata: { name, managedFields: [{ manager: ']' }] }, spec }),
    'white space': JSON.stringify(JSON.parse(text), null, 1),
    'the same as the text of an annotation': reviewWith({ metadata: { name, annotations: { text } }, spec }),
    'text that ends in them': text.slice(0, text.indexOf('fieldsV1')),
  };
  test.each(Object.entries(unchanged))('leaves %s as it is', (_what, review) => {
    expect(withoutManagedFields(review)).toBe(review);
  });

  const keys = fc.constantFrom(
    'name',
    'labels',
    'annotations',
    'managedFields',
    'finalizers',
    'spec',
    'x"managedFields',
  );
  const metadata = fc
    .array(fc.tuple(keys, fc.oneof(fc.constant(entries), oddJson)), { maxLength: 5 })
    .map(fields => Object.fromEntries(fields));
  const odd = fc.array(
    fc.record({ manager: oddJson, fieldsV1: fc.record({ 'f:x': oddJson, list: fc.constant([]), spec: oddJson }) }),
    { minLength: 1, maxLength: 2 },
  );
  const pods = fc
    .tuple(metadata, odd, fc.boolean(), oddJson)
    .map(([before, managedFields, isLast, spec]) => ({
      metadata: isLast ? { ...before, managedFields } : { managedFields, ...before },
      spec,
    }))
    .filter(({ spec }) => isObject(spec));

  test('leaves everything else of a review, whatever it holds', () => {
    fc.assert(
      fc.property(pods, pod => {
        const review = reviewWith(pod);
        const parsed = parseReview(review);
        if (parsed.kind !== 'request') throw new Error(parsed.detail);
        expect(withoutLists(parsed.request.object)).toEqual(withoutLists(JSON.parse(review).request.object));
      }),
      { numRuns: 2_000 },
    );
  });
});

/** The pod without `managedFields` lists, which may have been emptied. */
function withoutLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLists);
  if (!isObject(value)) return value;
  return Object.entries(value)
    .filter(([key, field]) => !(key === 'managedFields' && Array.isArray(field)))
    .map(([key, field]) => [key, withoutLists(field)]);
}

describe('parseReview()', () => {
  test('reads a review whose managedFields hold a list, where the cut leaves no JSON', () => {
    const fieldsV1 = { 'f:x': { list: [], y: [1] }, spec: {} };
    const managedFields = [{ manager: 'x', nested: { list: [1] }, spec: { deceives: true }, fieldsV1 }];
    const review = reviewWith({ metadata: { name: 'app', managedFields }, spec });
    expect(withoutManagedFields(review)).not.toBe(review);
    expect(parseReview(review)).toMatchObject({
      kind: 'request',
      request: { object: { metadata: { managedFields } } },
    });
  });

  test('does not look at what stands in managedFields', () => {
    const review = reviewWith({ metadata: { name: 'app', managedFields: [{ manager: 'x' }] }, spec });
    const damaged = review.replace('{"manager":"x"}', '{"manager"');
    expect(parseReview(damaged)).toMatchObject({ kind: 'request', request: { object: { spec } } });
  });

  test('refuses what is no JSON elsewhere', () => {
    const review = reviewWith({ metadata: { name: 'app', managedFields: entries }, spec });
    expect(parseReview(review.slice(0, -1))).toMatchObject({ kind: 'unreadable' });
  });
});
