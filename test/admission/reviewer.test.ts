import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLoneContext } from './lone-context.ts';
import type { IdentityAnswer } from '../../src/identity/identity.ts';
import { podArbitrary } from '../injection/pod-arbitrary.ts';
import { settingsWith, tokenPath, webIdentity } from '../injection/support.ts';
import { answerOf, constantSource, pod, responseOf, reviewerWith, reviewOf } from './support.ts';

const noRole: IdentityAnswer = { kind: 'none', reason: 'no_role', detail: 'no role', notices: [] };
const unavailable: IdentityAnswer = { kind: 'unavailable', reason: 'lookup_timed_out', detail: 'no answer within 2 s' };

function podWith(metadata: object, spec: object = {}): object {
  return { ...pod, metadata, spec: { serviceAccountName: 'app', containers: [{ name: 'app' }], ...spec } };
}

describe('review() echoes', () => {
  test.each(['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'])(
    'E1 E2 E3: the version %s, kind and uid',
    apiVersion => {
      const answer = responseOf(answerOf(reviewerWith(), reviewOf({}, { apiVersion })));
      expect(answer).toMatchObject({ apiVersion, kind: 'AdmissionReview', response: { uid: 'uid-1', allowed: true } });
    },
  );

  test('E1 E77: patch and patchType together, or neither', () => {
    const injected = responseOf(answerOf(reviewerWith(), reviewOf())).response;
    expect(injected.patchType).toBe('JSONPatch');
    expect(Buffer.from(injected.patch ?? '', 'base64').toString()).toMatch(/^\[\{"op":"add","path":"\/spec\/volumes"/);
    const plain = responseOf(answerOf(reviewerWith({ identities: constantSource(noRole) }), reviewOf())).response;
    expect(Object.keys(plain)).toEqual(['uid', 'allowed', 'auditAnnotations']);
  });

  test('E17: a uid of any characters', () => {
    const uid = '"\\\u2028\ud800😀';
    expect(responseOf(answerOf(reviewerWith(), reviewOf({ uid }))).response.uid).toBe(uid);
  });

  test('the whole answer, to the byte', () => {
    const reviewer = reviewerWith({ identities: constantSource(noRole) });
    expect(answerOf(reviewer, reviewOf())).toMatchObject({
      body:
        '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"uid-1","allowed":true,' +
        '"auditAnnotations":{"decision":"no_identity","reason":"no_role","detail":"no role"}}}',
    });
  });
});

describe('review() refuses to read', () => {
  test.each([
    { name: 'E4: an empty body', body: '', detail: 'expected a JSON document, found an empty body' },
    { name: 'E4: no JSON', body: 'kind: AdmissionReview', detail: 'expected a JSON document, found something else' },
    {
      name: 'E4: truncated JSON',
      body: reviewOf().slice(0, -10),
      detail: 'expected a JSON document, found something else',
    },
    {
      name: 'E15: a byte order mark',
      body: `\ufeff${reviewOf()}`,
      detail: 'expected a JSON document, found something else',
    },
    { name: 'E4: null', body: 'null', detail: 'expected a JSON object of kind AdmissionReview' },
    { name: 'E4: a list', body: '[]', detail: 'expected a JSON object of kind AdmissionReview' },
    {
      name: 'E4: a pod',
      body: JSON.stringify(pod),
      detail: 'expected apiVersion admission.k8s.io/v1 or admission.k8s.io/v1beta1',
    },
    {
      name: 'E4: an unknown version',
      body: reviewOf({}, { apiVersion: 'admission.k8s.io/v9' }),
      detail: 'expected apiVersion admission.k8s.io/v1 or admission.k8s.io/v1beta1',
    },
    { name: 'E4: another kind', body: reviewOf({}, { kind: 'Pod' }), detail: 'expected kind AdmissionReview' },
    {
      name: 'E5: no request',
      body: reviewOf({}, { request: null }),
      detail: 'expected a request object in the AdmissionReview',
    },
    { name: 'E5: no uid', body: reviewOf({ uid: undefined }), detail: 'expected a non-empty string in request.uid' },
    { name: 'E5: an empty uid', body: reviewOf({ uid: '' }), detail: 'expected a non-empty string in request.uid' },
  ])('$name', ({ body, detail }) => {
    expect(answerOf(reviewerWith(), body)).toEqual({ kind: 'unreadable', detail });
  });
});

describe('review() leaves alone', () => {
  test.each([
    { name: 'E10: DELETE', request: { operation: 'DELETE', object: null }, reason: 'operation_not_handled' },
    { name: 'E10: CREATE without an object', request: { object: null }, reason: 'no_object' },
    { name: 'E28: UPDATE', request: { operation: 'UPDATE', oldObject: pod }, reason: 'operation_not_handled' },
    { name: 'E30: CONNECT', request: { operation: 'CONNECT' }, reason: 'operation_not_handled' },
    {
      name: 'E11: another resource',
      request: { resource: { group: 'apps', version: 'v1', resource: 'deployments' } },
      reason: 'not_a_pod',
    },
    {
      name: 'E11: a custom Pod kind',
      request: { resource: { group: 'x.io', version: 'v1', resource: 'pods' } },
      reason: 'not_a_pod',
    },
    ...['resize', 'status', 'binding', 'eviction'].map(subResource => ({
      name: `E30: pods/${subResource}`,
      request: { subResource, operation: 'UPDATE', oldObject: pod },
      reason: 'subresource_not_handled',
    })),
    {
      name: 'E23: a mirror pod',
      request: { object: podWith({ annotations: { 'kubernetes.io/config.mirror': '' } }, { serviceAccountName: '' }) },
      reason: 'mirror_pod',
    },
    {
      name: 'E27: the skip label of the AWS webhook',
      request: { object: podWith({ labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': '' } }) },
      reason: 'skip_label',
    },
  ])('$name, without asking for an identity', ({ request, reason }) => {
    const identities = constantSource();
    const answer = answerOf(reviewerWith({ identities }), reviewOf(request));
    expect(responseOf(answer).response).toMatchObject({
      allowed: true,
      auditAnnotations: { decision: 'skipped', reason },
    });
    expect(responseOf(answer).response.patch).toBeUndefined();
    expect(identities.asked).toEqual([]);
  });

  test('E27: pods with the skip label of another prefix', () => {
    const injection = settingsWith({ annotationPrefix: 'iam.example.com' });
    const object = podWith({ labels: { 'iam.example.com/skip-pod-identity-webhook': 'x' } });
    expect(answerOf(reviewerWith({ injection }), reviewOf({ object }))).toMatchObject({
      decision: { reason: 'skip_label' },
    });
  });

  test('E26: pods of exempt namespaces', () => {
    const reviewer = reviewerWith({ injection: settingsWith({ exemptNamespaces: ['kube-*', 'infra'] }) });
    const reasons = ['kube-system', 'infra', 'infra-2'].map(namespace => answerOf(reviewer, reviewOf({ namespace })));
    expect(reasons).toMatchObject([
      { decision: { reason: 'exempt_namespace' } },
      { decision: { reason: 'exempt_namespace' } },
      { decision: { reason: 'identity_injected' } },
    ]);
  });
});

describe('review() asks for', () => {
  test.each([
    {
      name: 'E20: default, when both are empty',
      spec: { serviceAccountName: '', serviceAccount: '' },
      asked: 'ns/default',
    },
    {
      name: 'E21: the deprecated field',
      spec: { serviceAccountName: undefined, serviceAccount: 'old' },
      asked: 'ns/old',
    },
    { name: 'E22: serviceAccountName, when both differ', spec: { serviceAccount: 'old' }, asked: 'ns/app' },
    { name: 'E12: default, when the name is no string', spec: { serviceAccountName: 5 }, asked: 'ns/default' },
  ])('$name', ({ spec, asked }) => {
    const identities = constantSource();
    answerOf(reviewerWith({ identities }), reviewOf({ object: podWith({ namespace: 'lies' }, spec) }));
    expect(identities.asked).toEqual([asked]);
  });

  test('E25: the namespace of the request, whatever the pod says', () => {
    const identities = constantSource();
    answerOf(reviewerWith({ identities }), reviewOf({ object: podWith({}) }));
    expect(identities.asked).toEqual(['ns/app']);
  });
});

describe('review() decides', () => {
  test('E14: a dry run gets the same answer and says so', () => {
    const wet = answerOf(reviewerWith(), reviewOf());
    const dry = answerOf(reviewerWith(), reviewOf({ dryRun: true }));
    expect(responseOf(dry)).toEqual(responseOf(wet));
    expect(dry).toMatchObject({ decision: { dryRun: true } });
  });

  test('E24: a pod without a name is named by its generateName', () => {
    const answer = answerOf(reviewerWith(), reviewOf({ object: podWith({ generateName: 'web-' }) }));
    expect(answer).toMatchObject({ decision: { pod: 'web-*', outcome: 'mutated' } });
  });

  test('E36: a pod for a virtual kubelet like any other', () => {
    const object = podWith({}, { nodeSelector: { type: 'virtual-kubelet' }, schedulerName: 'fargate-scheduler' });
    expect(answerOf(reviewerWith(), reviewOf({ object }))).toMatchObject({ decision: { outcome: 'mutated' } });
  });

  test('E13: a fault is no denial: the server answers with an HTTP error', () => {
    const answer = answerOf(reviewerWith({ identities: constantSource(unavailable) }), reviewOf());
    expect(answer).toMatchObject({ kind: 'unavailable', decision: { outcome: 'error', reason: 'lookup_timed_out' } });
  });

  test('E13: or an admission with a warning, where asked to', () => {
    const reviewer = reviewerWith({ identities: constantSource(unavailable), faultResponse: 'allow' });
    expect(responseOf(answerOf(reviewer, reviewOf())).response).toMatchObject({
      allowed: true,
      warnings: ['irsa-webhook: the pod is admitted without an AWS identity: no answer within 2 s (lookup_timed_out)'],
    });
  });

  const required = podWith({ labels: { 'eks.amazonaws.com/require-pod-identity': 'true' } });

  test('refuses a pod that requires an identity and has none, and says why', () => {
    const answer = answerOf(reviewerWith({ identities: constantSource(noRole) }), reviewOf({ object: required }));
    expect(responseOf(answer).response).toMatchObject({
      allowed: false,
      status: {
        code: 403,
        message:
          'the pod has the label eks.amazonaws.com/require-pod-identity and gets no AWS identity: no role (no_role)',
      },
    });
    expect(answer).toMatchObject({ decision: { outcome: 'denied', reason: 'identity_required', hook: 'require' } });
  });

  const requireKey = 'eks.amazonaws.com/require-pod-identity';
  const skipKey = 'eks.amazonaws.com/skip-pod-identity-webhook';
  test.each([
    {
      name: 'E189: include-containers names none of its containers',
      metadata: { annotations: { 'eks.amazonaws.com/include-containers': 'ap' } },
      cause: 'all_containers_skipped',
      message: 'its annotations leave no container to inject into (all_containers_skipped)',
    },
    {
      name: 'E189: skip-containers names all of its containers',
      metadata: { annotations: { 'eks.amazonaws.com/skip-containers': 'app' } },
      cause: 'all_containers_skipped',
      message: 'its annotations leave no container to inject into (all_containers_skipped)',
    },
    {
      name: 'E190: it has the skip label',
      metadata: { labels: { [skipKey]: '' } },
      cause: 'skip_label',
      message: 'the pod has the label that skips this webhook (skip_label)',
    },
  ])('refuses a pod that requires an identity when $name', ({ metadata, cause, message }) => {
    const object = podWith({ ...metadata, labels: { ...metadata.labels, [requireKey]: 'true' } });
    const answer = answerOf(reviewerWith(), reviewOf({ object }));
    expect(answer).toMatchObject({
      decision: { outcome: 'denied', reason: 'identity_required', cause, hook: 'require' },
    });
    const { response } = responseOf(answer);
    expect(response.allowed).toBe(false);
    expect(response.status?.message).toContain(message);
    expect(response.patch).toBeUndefined();
  });

  test.each([
    { name: 'E191: its namespace is exempt', labels: {}, exemptNamespaces: ['ns'], reason: 'exempt_namespace' },
    {
      name: 'E191: and it has the skip label',
      labels: { [skipKey]: '' },
      exemptNamespaces: ['ns'],
      reason: 'exempt_namespace',
    },
    { name: 'E192: it is complete already', labels: {}, exemptNamespaces: [], reason: 'already_injected' },
  ])('admits a pod that requires an identity when $name', ({ labels, exemptNamespaces, reason }) => {
    const env = ['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'].map(name => ({ name, value: 'mine' }));
    const containers = [{ name: 'app', env, volumeMounts: [{ name: 'x', mountPath: tokenPath }] }];
    const object = podWith({ labels: { ...labels, [requireKey]: 'true' } }, { containers });
    const answer = answerOf(reviewerWith({ injection: settingsWith({ exemptNamespaces }) }), reviewOf({ object }));
    expect(responseOf(answer).response).toMatchObject({ allowed: true, auditAnnotations: { reason } });
  });

  const ownRole = 'arn:aws:iam::444455556666:role/own';
  const envOf = (role: object): readonly object[] => [
    { name: 'AWS_ROLE_ARN', ...role },
    { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: `${tokenPath}/token` },
  ];
  const role = 'arn:aws:iam::111122223333:role/app';
  test.each([
    {
      name: 'E193: a role of its own',
      containers: [{ name: 'app', env: envOf({ value: ownRole }) }],
      expected: { method: 'web_identity', role: ownRole, detail: `role ${ownRole} of its own in 1 container "app"` },
    },
    {
      name: 'E194: an empty role',
      containers: [{ name: 'app', env: [{ name: 'AWS_ROLE_ARN', value: '' }] }],
      expected: { method: 'none', role: '', detail: 'no identity in 1 container "app"' },
    },
    {
      name: 'E194: a role by reference',
      containers: [{ name: 'app', env: envOf({ valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }) }],
      expected: { method: 'unknown', role: '', detail: 'an identity that is not known here in 1 container "app"' },
    },
    {
      name: 'E194: one of each',
      containers: [{ name: 'a' }, { name: 'b' }, { name: 'c', env: envOf({ value: ownRole }) }, { name: 'skipped' }],
      expected: {
        method: 'web_identity',
        role: '',
        detail: `role ${role} from service_account in 2 containers "a", "b"; role ${ownRole} of its own in 1 container "c"; no identity in 1 container "skipped"`,
      },
    },
    {
      name: 'E194: more than ten that are skipped',
      containers: [{ name: 'app' }, ...Array.from({ length: 12 }, () => ({ name: 'skipped' }))],
      expected: {
        method: 'web_identity',
        role,
        detail: `role ${role} from service_account in 1 container "app"; no identity in 12 containers ${Array.from({ length: 10 }, () => '"skipped"').join(', ')}, …`,
      },
    },
  ])('reports in decision and audit annotation what containers end up with: $name', ({ containers, expected }) => {
    const object = podWith({ annotations: { 'eks.amazonaws.com/skip-containers': 'skipped' } }, { containers });
    const answer = answerOf(reviewerWith(), reviewOf({ object }));
    expect(answer).toMatchObject({ decision: expected });
    expect(responseOf(answer).response.auditAnnotations['detail']).toBe(expected.detail);
  });

  test('never admits a pod that requires an identity because of a fault', () => {
    const reviewer = reviewerWith({ identities: constantSource(unavailable), faultResponse: 'allow' });
    expect(answerOf(reviewer, reviewOf({ object: required })).kind).toBe('unavailable');
  });

  test('E29: gives a new ephemeral container what it needs', () => {
    const volumes = [
      {
        name: 'aws-iam-token',
        projected: { sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', path: 'token' } }] },
      },
    ];
    const object = podWith({}, { volumes, ephemeralContainers: [{ name: 'debug' }] });
    const request = {
      operation: 'UPDATE',
      subResource: 'ephemeralcontainers',
      object,
      oldObject: podWith({}, { volumes }),
    };
    expect(answerOf(reviewerWith(), reviewOf(request))).toMatchObject({
      decision: { outcome: 'mutated', hook: 'ephemeral', containersInjected: 1 },
    });
  });

  test('waits for a late identity', async () => {
    const late = Promise.resolve<IdentityAnswer>({ kind: 'identity', identity: webIdentity });
    const answer = reviewerWith({ identities: { identityOf: () => late } }).review(
      reviewOf(),
      createLoneContext(1_000),
    );
    expect(answer).toBeInstanceOf(Promise);
    expect(await answer).toMatchObject({ decision: { outcome: 'mutated' } });
  });

  test('warns of a role on the pod, where the account has none (E243)', () => {
    const object = podWith({ annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/app' } }, {});
    const { warnings } = responseOf(
      answerOf(reviewerWith({ identities: constantSource(noRole) }), reviewOf({ object })),
    ).response;
    expect(warnings).toEqual([expect.stringContaining('(annotation_on_the_wrong_object)')]);
  });

  test('keeps warnings short and few, however much is wrong', () => {
    const containers = Array.from({ length: 50 }, (_, index) => ({
      name: `${'x'.repeat(500)}${index}`,
      env: [{ name: 'AWS_PROFILE', value: 'x' }],
    }));
    const warnings = responseOf(answerOf(reviewerWith(), reviewOf({ object: podWith({}, { containers }) }))).response
      .warnings;
    expect(warnings).toHaveLength(10);
    for (const warning of warnings ?? []) expect(warning.length).toBeLessThanOrEqual(256);
  });

  test('E150: puts no environment value into answer or decision', () => {
    const containers = [{ name: 'app', env: [{ name: 'AWS_SECRET_ACCESS_KEY', value: 'hunter2' }] }];
    const answer = answerOf(reviewerWith(), reviewOf({ object: podWith({}, { containers }) }));
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });
});

describe('review() never throws', () => {
  const numRuns = 2_000;

  test('E12: on any JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), body => {
        expect(answerOf(reviewerWith(), body).kind).toBe('unreadable');
      }),
      { numRuns },
    );
  });

  test('E12: on a review of any object, with any request fields', () => {
    const anything = fc.oneof(podArbitrary, fc.jsonValue());
    const request = fc.record(
      {
        object: anything,
        oldObject: anything,
        operation: fc.jsonValue(),
        subResource: fc.jsonValue(),
        namespace: fc.jsonValue(),
      },
      { requiredKeys: ['object'] },
    );
    fc.assert(
      fc.property(request, fields => {
        expect(['answered', 'unavailable']).toContain(answerOf(reviewerWith(), reviewOf(fields)).kind);
      }),
      { numRuns },
    );
  });

  test.each([
    { name: 'deep lists', text: `${'['.repeat(100_000)}${']'.repeat(100_000)}` },
    { name: 'deep objects', text: `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}` },
    {
      name: '__proto__ keys',
      text: '{"__proto__":{"containers":[{}]},"constructor":1,"spec":{"__proto__":[],"containers":[{"__proto__":{}}]}}',
    },
    {
      name: 'E16: numbers beyond 2^53',
      text: '{"spec":{"terminationGracePeriodSeconds":99999999999999999999,"containers":[{}]}}',
    },
    { name: 'duplicate keys', text: '{"spec":{"containers":[{"name":"x"}],"containers":[{"name":"y"}]}}' },
  ])('E15: on $name', ({ text }) => {
    const body = reviewOf({ object: 'HERE' }).replace('"HERE"', text);
    expect(answerOf(reviewerWith(), body).kind).toBe('answered');
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  test('E16: numbers that are not ours are never written again', () => {
    const text = '{"spec":{"terminationGracePeriodSeconds":99999999999999999999,"containers":[{"name":"a"}]}}';
    const answer = answerOf(reviewerWith(), reviewOf({ object: 'HERE' }).replace('"HERE"', text));
    expect(Buffer.from(responseOf(answer).response.patch ?? '', 'base64').toString()).not.toContain('terminationGrace');
  });
});
