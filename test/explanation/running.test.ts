import { describe, expect, test } from 'vitest';
import type { ObjectReference } from '../../src/comparison/remedy.ts';
import type { HookFacts } from '../../src/explanation/explain-pod.ts';
import type { JsonObject } from '../../src/util/json.ts';
import { explain, role, roleAnnotation, type Given } from './support.ts';

const created = '2026-11-10T12:00:00Z';
const before = '2026-11-10T11:00:00Z';
const after = '2026-11-10T13:00:00Z';
const stored = { uid: 'u', creationTimestamp: created };
const tokenFile = '/var/run/secrets/eks.amazonaws.com/serviceaccount/token';
const other = 'arn:aws:iam::111122223333:role/other';

/** A container as the webhook leaves it. */
const injected = (name: string, roleArn = role): object => ({
  name,
  env: [
    { name: 'AWS_ROLE_ARN', value: roleArn },
    { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: tokenFile },
  ],
  volumeMounts: [
    { name: 'aws-iam-token', mountPath: '/var/run/secrets/eks.amazonaws.com/serviceaccount', readOnly: true },
  ],
});
const token = { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' };
const volumes = [{ name: 'aws-iam-token', projected: { sources: [{ serviceAccountToken: token }] } }];

const annotationOwner = { 'f:metadata': { 'f:annotations': { [`f:${roleAnnotation}`]: {} } } };
const accountOf = (creationTimestamp: string, written?: string): JsonObject => ({
  metadata: {
    creationTimestamp,
    ...(written !== undefined && {
      managedFields: [{ manager: 'kubectl-annotate', time: written, fieldsV1: annotationOwner }],
    }),
  },
});

const hookOf = ({ createdAt = before, selects = true, failurePolicy = 'Ignore' } = {}): HookFacts => ({
  kind: 'installed',
  name: 'irsa-webhook',
  configuration: { metadata: { creationTimestamp: createdAt } },
  entries: [
    { name: 'hook', selects, detail: selects ? 'selects this pod' : 'excludes it', failurePolicy, matchConditions: [] },
  ],
  notes: [],
});

interface Evidence {
  readonly account?: JsonObject | undefined;
  readonly mapping?: JsonObject | undefined;
  readonly owner?: ObjectReference;
  readonly template?: JsonObject;
  readonly accountChangedSince?: boolean;
  readonly hook?: HookFacts;
}

/** A pod that runs, of an account and a webhook that were there before it. */
function running(given: Given, evidence: Evidence = {}) {
  const { account = accountOf(before, before), mapping, accountChangedSince, template, hook = hookOf() } = evidence;
  const { owner = { kind: 'Pod', namespace: 'shop', name: 'web' } } = evidence;
  const facts = { serviceAccount: account, mapping, owner, accountChangedSince, template };
  const input = { running: facts, hook, ...given.input };
  const {
    verdict,
    running: found,
    findings,
  } = explain({ ...given, metadata: { ...stored, ...given.metadata }, input });
  return { causes: [], ...found, findings, verdict };
}

describe('a running pod', () => {
  const fine: Given = { spec: { containers: [injected('app')], volumes } };
  const skipLabel = { labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': '' } };
  const skipAll = { annotations: { 'eks.amazonaws.com/skip-containers': 'app' } };
  const late: Given = { spec: { containers: [injected('app'), { name: 'late' }], volumes } };
  const stale: Given = { spec: { containers: [injected('app', other)], volumes } };
  const template = { spec: { containers: [{ name: 'app', env: [{ name: 'AWS_ROLE_ARN', value: other }] }] } };
  const region = ['--aws-default-region=eu-west-1'];

  test.each<readonly [string, Given, Evidence, string, string, string]>([
    ['as it would be', fine, {}, 'ok', 'as_it_would_be', 'has'],
    ['of an account without role', { annotations: {} }, {}, 'broken', 'no_role', 'none'],
    ['whose containers are all left out', { metadata: skipAll }, {}, 'broken', 'all_containers_skipped', 'none'],
    ['that has nothing', {}, {}, 'broken', 'identity_missing', 'none'],
    ['one container of which has nothing', late, {}, 'broken', 'identity_partial', 'has'],
    ['with another role', stale, {}, 'broken', 'role_stale', 'has'],
    ['E200: with another role that its template sets', stale, { template }, 'differs', 'role_overridden', 'has'],
    ['whose account has no role any more', { ...fine, annotations: {} }, {}, 'differs', 'identity_unexpected', 'has'],
    ['whose account is gone', { ...fine, annotations: undefined }, {}, 'broken', 'account_missing', 'has'],
    ['that the webhook passes over now', { ...fine, metadata: skipLabel }, {}, 'broken', 'skip_label', 'none'],
    ['that lacks a region which a flag gives', { ...fine, flags: region }, {}, 'ok', 'settings_differ', 'has'],
    [
      'E201: that the webhook would not be asked about now',
      fine,
      { hook: hookOf({ selects: false }) },
      'differs',
      'not_selected',
      'has',
    ],
  ])('%s', (_, given, evidence, verdict, code, identity) => {
    expect(running(given, evidence).verdict).toMatchObject({ verdict, code, identity });
  });

  const containerCredentials = ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  const podIdentity = { name: 'app', env: containerCredentials.map(name => ({ name, value: 'x' })) };

  test.each([
    ['an association that is unknown, as its account may be associated', { association: 'it is a file' }, 'has'],
    ['nothing unknown', {}, 'none'],
  ])('with container credentials, and %s', (_, unseen, identity) => {
    const found = running({ spec: { containers: [podIdentity] }, unseen });
    expect(found.verdict.identity).toBe(identity);
  });

  test('with an identity that only a source which cannot be seen can give', () => {
    const found = running({ ...fine, annotations: {}, unseen: { mapping: 'it may not be read' } });
    expect(found).toMatchObject({ causes: [{ code: 'unknown' }], verdict: { code: 'identity_unexpected' } });
  });

  test('is not compared where its account is not known', () => {
    const owner = { kind: 'Pod', namespace: 'shop', name: 'web' };
    const facts = { serviceAccount: undefined, mapping: undefined, accountChangedSince: undefined };
    const answer = { kind: 'unavailable', reason: 'lookup_failed', detail: 'it is not in the input' } as const;
    const input = { running: { ...facts, owner, template: undefined } };
    const given = { metadata: stored, spec: { containers: [injected('app')] }, answer, input };
    expect(explain(given)).toMatchObject({ verdict: { verdict: 'unknown', identity: 'unknown' } });
    expect(explain(given).running).toBeUndefined();
  });

  test('has its identity, says the sentence', () => {
    expect(running(fine).verdict.sentence).toBe(`The pod has the role ${role}, as it would get it now.`);
  });

  test('shows a role that differs, and no other value', () => {
    expect(running(stale).findings[0]?.detail).toBe(
      `expected role ${role} from the ServiceAccount's annotation, found role ${other} in container app`,
    );
    expect(running({ spec: { containers: [injected('app', 'hunter2')], volumes } }).findings[0]?.detail).toContain(
      'an AWS_ROLE_ARN that is not the ARN of a role',
    );
  });
});

describe('why a running pod has no identity', () => {
  const mappingWritten = (time: string): JsonObject => ({
    metadata: { managedFields: [{ manager: 'helm', time, fieldsV1: { 'f:data': { 'f:config': {} } } }] },
  });
  const mapped: Given = { annotations: {}, mapping: { 'shop/web': { RoleARN: role } } };

  test.each([
    ['the webhook is not installed', {}, { hook: { kind: 'not_installed' } }, ['hook_not_installed']],
    ['the webhook does not select it', {}, { hook: hookOf({ selects: false }) }, ['hook_does_not_select_the_pod']],
    ['it is older than the webhook', {}, { hook: hookOf({ createdAt: after }) }, ['created_before_the_hook']],
    [
      'it is older than the account',
      {},
      { account: accountOf(after, after) },
      ['created_before_the_account', 'created_before_the_role_was_set'],
    ],
    ['it is older than the annotation', {}, { account: accountOf(before, after) }, ['created_before_the_role_was_set']],
    [
      'it is of the second of the annotation',
      {},
      { account: accountOf(before, created) },
      ['created_before_the_role_was_set', 'hook_did_not_answer'],
    ],
    ['it is older than the mapping', mapped, { mapping: mappingWritten(after) }, ['created_before_the_role_was_set']],
    ['the webhook did not answer', {}, {}, ['hook_did_not_answer']],
    [
      'the webhook did not answer, by the mapping',
      mapped,
      { mapping: mappingWritten(before) },
      ['hook_did_not_answer'],
    ],
    [
      'the webhook does not select it, whatever happened in that second',
      {},
      { hook: hookOf({ selects: false }), account: accountOf(before, created) },
      ['hook_does_not_select_the_pod'],
    ],
    [
      'its account was changed since, where no time is told',
      {},
      { account: accountOf(before), accountChangedSince: true },
      ['account_changed_since'],
    ],
    [
      'its account may have been changed, where no time is told',
      {},
      { account: accountOf(before), accountChangedSince: false },
      ['unknown'],
    ],
    ['the webhook may not be seen', {}, { hook: { kind: 'unknown', detail: 'may not be seen' } }, ['unknown']],
    [
      'nothing is known',
      {},
      { hook: { kind: 'unknown', detail: 'may not be seen' }, account: accountOf(before) },
      ['unknown'],
    ],
  ] as const)('is that %s', (_, given, evidence, codes) => {
    const found = running(given, evidence);
    expect(found.verdict.code).toBe('identity_missing');
    expect(found.causes.map(({ code }) => code)).toEqual(codes);
    expect(found.verdict.sentence).toContain(found.causes[0]?.detail);
  });

  test('is told with the times, and by whom', () => {
    expect(running({}, { account: accountOf(before, after) }).verdict.sentence).toContain(
      `: the annotation ${roleAnnotation} (by kubectl-annotate) was last written at ${after}, after the pod was created at ${created}.`,
    );
  });

  test('tells Ignore from Fail', () => {
    expect(running({}).causes[0]?.detail).toContain('failurePolicy Ignore lets such pods pass');
    expect(running({}, { hook: hookOf({ failurePolicy: 'Fail' }) }).causes[0]?.detail).toContain(
      'failurePolicy is Fail',
    );
  });

  test('is for a stale role that it was changed since, where that is known', () => {
    const stale = { spec: { containers: [injected('app', other)], volumes } };
    expect(running(stale, { account: accountOf(before, after) }).causes[0]?.code).toBe('role_changed_since');
    expect(running(stale).causes[0]?.code).toBe('unknown');
  });
});

describe('what to do about a running pod', () => {
  const ownedBy = (kind: string): Evidence => ({ owner: { kind, namespace: 'shop', name: 'web' } });
  const restart = 'kubectl rollout restart deployment/web -n shop';
  const stale: Given = { spec: { containers: [injected('app', other)], volumes } };

  test.each([
    ['Deployment', restart, 'Restart the workload'],
    ['StatefulSet', 'kubectl rollout restart statefulset/web -n shop', 'Restart the workload'],
    ['ReplicaSet', 'kubectl delete pod/web -n shop', 'Restart the workload'],
    ['Job', undefined, 'Let the Job end'],
    ['Pod', undefined, 'delete it and create it again'],
  ])('is for one of a %s to replace it', (kind, command, detail) => {
    const { nextSteps } = running({}, ownedBy(kind)).verdict;
    expect(nextSteps).toHaveLength(1);
    expect(nextSteps[0]?.command).toBe(command);
    expect(nextSteps[0]?.detail).toContain(detail);
  });

  test('is to name the role first where there is none', () => {
    const { nextSteps } = running({ annotations: {} }, ownedBy('Deployment')).verdict;
    expect(nextSteps.map(({ command }) => command?.split(' ', 3).join(' '))).toEqual([
      'kubectl annotate serviceaccount',
      'kubectl rollout restart',
    ]);
  });

  test('is nothing for a pod that is as it would be', () => {
    expect(running({ spec: { containers: [injected('app')], volumes } }).verdict.nextSteps).toEqual([]);
  });

  test.each([
    ['its template does not set the role', { spec: { containers: [{ name: 'app' }] } }, [restart]],
    ['its template sets the role', { spec: { containers: [{ name: 'app', env: [{ name: 'AWS_ROLE_ARN' }] }] } }, []],
    ['nobody knows its template', undefined, []],
  ])('E202: is a restart for another role only where that helps: %s', (_, template, commands) => {
    const { nextSteps } = running(stale, { ...ownedBy('Deployment'), ...(template && { template }) }).verdict;
    expect(nextSteps).not.toEqual([]);
    expect(nextSteps.flatMap(({ command }) => command ?? [])).toEqual(commands);
  });

  test.each([
    ['is in the template', { spec: { containers: [{ name: 'app' }, { name: 'late' }] } }, [restart]],
    ['is added by another webhook', { spec: { containers: [{ name: 'app' }] } }, []],
  ])('E203: is a restart for a container without identity only where it %s', (_, template, commands) => {
    const given = { spec: { containers: [injected('app'), { name: 'late' }], volumes } };
    const { nextSteps } = running(given, { ...ownedBy('Deployment'), template }).verdict;
    expect(nextSteps.flatMap(({ command }) => command ?? [])).toEqual(commands);
  });
});
