import { describe, expect, test } from 'vitest';
import type { RunningFacts } from '../../src/explanation/explain-pod.ts';
import type { HookFacts } from '../../src/explanation/explain-hook.ts';
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
  readonly owner?: RunningFacts['owner'];
  readonly accountChangedSince?: boolean;
  readonly hook?: HookFacts;
}

/** A pod that runs, of an account and a webhook that were there before it. */
function running(given: Given, evidence: Evidence = {}) {
  const { account = accountOf(before, before), mapping, owner, accountChangedSince, hook = hookOf() } = evidence;
  const input = { running: { serviceAccount: account, mapping, owner, accountChangedSince }, hook, ...given.input };
  const { verdict, running: found } = explain({ ...given, metadata: { ...stored, ...given.metadata }, input });
  if (found === undefined) throw new Error('expected a comparison, found none');
  return { ...found, verdict };
}

describe('a running pod', () => {
  test.each([
    ['as it would be', { spec: { containers: [injected('app')], volumes } }, 'as_it_would_be', 'has'],
    ['of an account without role', { annotations: {} }, 'has_none_and_would_get_none', 'none'],
    [
      'whose containers are all left out',
      { metadata: { annotations: { 'eks.amazonaws.com/skip-containers': 'app' } } },
      'has_none_and_would_get_none',
      'none',
    ],
    ['that has nothing', {}, 'missing', 'none'],
    [
      'one container of which has nothing',
      { spec: { containers: [injected('app'), { name: 'late' }], volumes } },
      'partial',
      'has',
    ],
    ['with another role', { spec: { containers: [injected('app', other)], volumes } }, 'stale_role', 'has'],
    [
      'whose account has no role any more',
      { annotations: {}, spec: { containers: [injected('app')], volumes } },
      'unexpected',
      'has',
    ],
    [
      'that the webhook passes over now',
      {
        metadata: { labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': '' } },
        spec: { containers: [injected('app')], volumes },
      },
      'unexpected',
      'has',
    ],
    [
      'that lacks a region which a flag gives',
      { flags: ['--aws-default-region=eu-west-1'], spec: { containers: [injected('app')], volumes } },
      'settings_differ',
      'has',
    ],
    [
      'that has container credentials',
      {
        associated: true,
        annotations: {},
        spec: {
          containers: [
            {
              name: 'app',
              env: ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'].map(name => ({
                name,
                value: 'x',
              })),
            },
          ],
        },
      },
      'missing',
      'none',
    ],
  ] as const)('%s', (_, given, code, identity) => {
    const found = running(given);
    expect(found.code).toBe(code);
    expect(found.verdict.identity).toBe(identity);
    expect(found.created).toBe(created);
  });

  const containerCredentials = ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  const podIdentity = { name: 'app', env: containerCredentials.map(name => ({ name, value: 'x' })) };

  test.each([
    ['an association that is unknown', { association: 'it is a file' }, 'unknown'],
    ['nothing unknown', {}, 'role_changed_since'],
  ])('with the identity of the other method, and %s', (_, unseen, cause) => {
    const found = running({ spec: { containers: [podIdentity] }, unseen });
    expect(found).toMatchObject({ code: 'other_method', causes: [{ code: cause }], verdict: { identity: 'has' } });
  });

  test('with an identity that only a source which cannot be seen can give', () => {
    const found = running({
      annotations: {},
      spec: { containers: [podIdentity] },
      unseen: { association: 'it is a file' },
    });
    expect(found).toMatchObject({ code: 'unexpected', causes: [{ code: 'unknown' }] });
  });

  test('is not compared where its account is not known', () => {
    const facts = { serviceAccount: undefined, mapping: undefined, owner: undefined, accountChangedSince: undefined };
    const answer = { kind: 'unavailable', reason: 'lookup_failed', detail: 'it is not in the input' } as const;
    const given = { metadata: stored, spec: { containers: [injected('app')] }, answer, input: { running: facts } };
    expect(explain(given)).toMatchObject({ verdict: { identity: 'unknown' } });
    expect(explain(given).running).toBeUndefined();
  });

  test('has its identity, says the sentence', () => {
    expect(running({ spec: { containers: [injected('app')], volumes } }).verdict.sentence).toBe(
      `The pod has the role ${role}, as it would get it now.`,
    );
  });

  test('shows a role that differs, and no other value', () => {
    expect(running({ spec: { containers: [injected('app', other)], volumes } }).detail).toBe(
      `container "app" has the role ${other}; created now it would have the role ${role}`,
    );
    expect(running({ spec: { containers: [injected('app', 'hunter2')], volumes } }).detail).toContain(
      'a role that is no ARN',
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
    expect(found.code).toBe('missing');
    expect(found.causes.map(({ code }) => code)).toEqual(codes);
    expect(found.verdict.sentence).toContain(found.causes[0]?.detail);
  });

  test('is told with the times, and by whom', () => {
    expect(running({}, { account: accountOf(before, after) }).verdict.sentence).toBe(
      `The pod has no identity, although it would get one if it were created now: the annotation ${roleAnnotation} (by kubectl-annotate) was last written at ${after}, after the pod was created at ${created}.`,
    );
  });

  test.each([
    [hookOf(), 'it would get one if it were created now'],
    [hookOf({ selects: false }), 'its ServiceAccount has one'],
    [{ kind: 'not_installed' }, 'its ServiceAccount has one'],
  ] as const)('does not promise an identity where the webhook would not be asked', (hook, expected) => {
    expect(running({}, { hook }).detail).toBe(`the pod has no identity, although ${expected}`);
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
  test.each([
    [{ kind: 'Deployment', name: 'web' }, 'kubectl rollout restart deployment/web -n shop', 'make new pods'],
    [{ kind: 'StatefulSet', name: 'web' }, 'kubectl rollout restart statefulset/web -n shop', 'make new pods'],
    [{ kind: 'Job', name: 'web' }, undefined, 'delete the pod of Job web'],
    [{ kind: 'Pod', name: 'web' }, undefined, 'delete the pod and'],
    [undefined, undefined, 'delete the pod and'],
  ])('is for one of %j to make it anew', (owner, command, detail) => {
    const { nextSteps } = running({}, { owner }).verdict;
    expect(nextSteps).toHaveLength(1);
    expect(nextSteps[0]?.command).toBe(command);
    expect(nextSteps[0]?.detail).toContain(detail);
  });

  test('is to name the role first where there is none', () => {
    const { nextSteps } = running({ annotations: {} }, { owner: { kind: 'Deployment', name: 'web' } }).verdict;
    expect(nextSteps.map(({ command }) => command?.split(' ', 3).join(' '))).toEqual([
      'kubectl annotate serviceaccount',
      'kubectl rollout restart',
    ]);
  });

  test('is nothing for a pod that is as it would be', () => {
    expect(running({ spec: { containers: [injected('app')], volumes } }).verdict.nextSteps).toEqual([]);
  });
});
