import * as fc from 'fast-check';
import { isObject } from '../../src/util/json.ts';
import { podArbitrary } from '../injection/pod-arbitrary.ts';
import { textOf } from './document-arbitraries.ts';
import { fields, mostly, oddJson, oddText, usually } from './json-arbitrary.ts';

/** One of them for some pods, nothing for most. */
function seldom<T>(...values: readonly fc.Arbitrary<T>[]): fc.Arbitrary<T | undefined> {
  const each = values.map(arbitrary => ({ weight: 1, arbitrary }));
  return fc.oneof({ weight: 3 * values.length, arbitrary: fc.constant(undefined) }, ...each);
}

const ownToken = { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' };
const ownVolume = { name: 'aws-iam-token', projected: { sources: [{ serviceAccountToken: ownToken }] } };

/** What is laid over a pod: the account that has an identity, and what decides whether the pod is touched. */
const overlay = fc.record({
  serviceAccountName: mostly(fc.constant('app')),
  annotations: seldom(
    fields({ 'eks.amazonaws.com/skip-containers': oddText, 'eks.amazonaws.com/token-expiration': oddText }),
    fields({ 'kubernetes.io/config.mirror': oddText }),
  ),
  labels: seldom(
    fields({ 'eks.amazonaws.com/require-pod-identity': usually('true', 'false') }),
    fields({ 'eks.amazonaws.com/skip-pod-identity-webhook': oddText }),
    fields({ 'eks.amazonaws.com/pod-identity': oddJson }),
  ),
  /** As the API server writes them, or anything. */
  managedFields: fc.option(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constant([{ manager: 'kubectl', fieldsV1: { 'f:spec': { 'k:{"name":"app"}': {} } } }]),
      },
      { weight: 1, arbitrary: fc.array(fc.record({ manager: oddJson, fieldsV1: oddJson, spec: oddJson })) },
    ),
    { nil: undefined, freq: 1 },
  ),
  /** What an ephemeral container needs. */
  volumes: seldom(fc.constant([ownVolume])),
  extra: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddJson }),
});

type Overlay = typeof overlay extends fc.Arbitrary<infer T> ? T : never;

function layOver(pod: { [field: string]: unknown }, over: Overlay): unknown {
  const { annotations, extra, labels, managedFields, serviceAccountName, volumes } = over;
  const more = {
    ...(annotations && { annotations }),
    ...(labels && { labels }),
    ...(managedFields && { managedFields }),
  };
  const given = { containers: [{ name: 'app' }] };
  return {
    ...(isObject(extra) ? extra : {}),
    ...pod,
    metadata: grown(pod['metadata'], {}, more),
    spec: grown(pod['spec'], given, { serviceAccountName, ...(volumes && { volumes }) }),
  };
}

/** An object, or nothing, with fields of lower and higher precedence; anything else as it is. */
function grown(value: unknown, below: object, above: object): unknown {
  return value === undefined || isObject(value) ? { ...below, ...value, ...above } : value;
}

const pod = fc.oneof(
  { weight: 19, arbitrary: fc.tuple(podArbitrary, overlay).map(([base, over]) => layOver(base, over)) },
  { weight: 1, arbitrary: oddJson },
);

const resource = fc.oneof(
  { weight: 58, arbitrary: fc.constant({ group: '', version: 'v1', resource: 'pods' }) },
  { weight: 1, arbitrary: fc.constant({ group: 'apps', version: 'v1', resource: 'pods' }) },
  { weight: 1, arbitrary: oddJson },
);

const creation = { operation: 'CREATE' as const };
const debugging = { operation: 'UPDATE' as const, subResource: 'ephemeralcontainers' as const };
const verb = fc.oneof(
  { weight: 44, arbitrary: fc.constant(creation) },
  { weight: 10, arbitrary: fc.constant(debugging) },
  { weight: 1, arbitrary: fields({ operation: oddJson, subResource: oddJson }) },
);

const request = fc
  .record({
    uid: fc.oneof({ weight: 30, arbitrary: fc.constant('uid-1') }, { weight: 1, arbitrary: oddText }),
    resource,
    verb,
    namespace: mostly(usually('ns', 'other')),
    dryRun: mostly(fc.boolean()),
    object: pod,
    // An update of ephemeral containers compares with it.
    oldObject: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddJson }),
  })
  .map(({ verb, ...rest }) => ({ ...rest, ...verb }));

const review = fc.record({
  apiVersion: mostly(usually('admission.k8s.io/v1', 'admission.k8s.io/v1beta1')),
  kind: mostly(fc.constant('AdmissionReview')),
  request: mostly(request),
});

/** The body of a review, as text. */
export const reviewArbitrary: fc.Arbitrary<string> = textOf(review);
