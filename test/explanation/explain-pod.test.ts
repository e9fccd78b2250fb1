import { describe, expect, test } from 'vitest';
import { explainPod } from '../../src/explanation/explain-pod.ts';
import { resolveIdentity } from '../../src/identity/resolve.ts';
import { answerOf, reviewerWith, reviewOf } from '../admission/support.ts';
import { readGoldenCases, settingsOf } from '../support/golden-cases.ts';
import { explain, inputsFor, role, roleAnnotation, type Given } from './support.ts';

const goldenCases = await readGoldenCases();

describe('explainPod() and the webhook', () => {
  test.each(goldenCases)('decide alike about $name', ({ pod, account, settings }) => {
    const { injection } = settingsOf(settings.flags);
    const inputs = inputsFor({ namespace: 'golden', name: 'app' }, account, settings.flags);
    const answer = resolveIdentity(inputs);
    const reviewer = reviewerWith({ identities: { identityOf: () => answer }, injection });
    const answered = answerOf(reviewer, reviewOf({ namespace: 'golden', object: pod }));
    if (answered.kind !== 'answered') throw new Error(`expected an answer, found ${answered.kind}`);

    const explanation = explainPod({
      subject: { kind: 'Pod', namespace: 'golden', name: 'app' },
      pod,
      account: { inputs, answer, annotations: account.annotations, unseen: {}, associationsKnown: true },
      settings: injection,
      origins: new Map(),
    });

    const { decision } = answered;
    expect(explanation.verdict).toMatchObject({ outcome: decision.outcome, reason: decision.reason });
    expect(explanation.notices).toEqual(decision.notices);
    expect(explanation.containers.filter(({ result }) => result === 'injected')).toHaveLength(
      decision.containersInjected,
    );
  });
});

const skipLabel = 'eks.amazonaws.com/skip-pod-identity-webhook';
const requireLabel = 'eks.amazonaws.com/require-pod-identity';

interface Case extends Given {
  readonly name: string;
  readonly outcome: string;
  readonly reason: string;
  readonly identity: string;
  /** Where it is not the reason. */
  readonly code?: string;
  readonly sentence: string;
  readonly next?: readonly string[];
}

const annotate =
  'kubectl annotate serviceaccount web -n shop eks.amazonaws.com/role-arn=arn:aws:iam::ACCOUNT_ID:role/ROLE_NAME';

const cases: readonly Case[] = [
  {
    name: 'a role in the annotation',
    outcome: 'mutated',
    reason: 'identity_injected',
    identity: 'gets',
    sentence: `The pod gets the role ${role}.`,
  },
  {
    name: 'an association',
    associated: true,
    outcome: 'mutated',
    reason: 'identity_injected',
    identity: 'gets',
    sentence: 'The pod gets the role of its Pod Identity association.',
  },
  {
    name: 'no role at all',
    annotations: {},
    outcome: 'no_identity',
    reason: 'no_role',
    identity: 'none',
    sentence: `The pod gets no AWS identity: ServiceAccount "shop/web" has no annotation ${roleAnnotation}.`,
    next: [annotate],
  },
  {
    name: 'no role where the mapping cannot be seen',
    annotations: {},
    unseen: { mapping: 'it may not be read' },
    outcome: 'no_identity',
    reason: 'no_role',
    identity: 'none',
    sentence: `The pod gets no AWS identity: ServiceAccount "shop/web" has no annotation ${roleAnnotation}, unless the mapping says otherwise, which cannot be seen from here.`,
    next: [annotate],
  },
  {
    name: 'no account',
    annotations: undefined,
    outcome: 'service_account_not_found',
    reason: 'service_account_not_found',
    identity: 'none',
    sentence: 'The pod gets no AWS identity: ServiceAccount "shop/web" does not exist.',
    next: ['kubectl create serviceaccount web -n shop', annotate],
  },
  {
    name: 'a mapping entry without a role',
    annotations: {},
    mapping: { 'shop/web': { RoleARN: '' } },
    outcome: 'no_identity',
    reason: 'mapped_to_no_role',
    identity: 'none',
    sentence: 'The pod gets no AWS identity: mapping entry "shop/web" gives no role.',
  },
  {
    name: 'a role that is none, with --invalid-role-arn=skip',
    annotations: { [roleAnnotation]: 'web' },
    flags: ['--invalid-role-arn=skip'],
    outcome: 'invalid_annotation',
    reason: 'invalid_role_arn',
    identity: 'none',
    sentence:
      'The pod gets no AWS identity: ServiceAccount annotation eks.amazonaws.com/role-arn: expected an IAM role ARN such as arn:aws:iam::111122223333:role/NAME, found "web".',
    next: [annotate.replace(' eks', ' --overwrite eks')],
  },
  {
    name: 'the skip label',
    metadata: { labels: { [skipLabel]: '' } },
    outcome: 'skipped',
    reason: 'skip_label',
    identity: 'none',
    sentence: 'The pod gets no AWS identity: the pod has the label that skips this webhook.',
  },
  {
    name: 'an exempt namespace',
    flags: ['--exempt-namespaces=sh*'],
    outcome: 'skipped',
    reason: 'exempt_namespace',
    identity: 'none',
    sentence: 'The pod gets no AWS identity: the namespace is exempt by --exempt-namespaces.',
  },
  {
    name: 'a mirror pod',
    metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } },
    outcome: 'skipped',
    reason: 'mirror_pod',
    identity: 'none',
    sentence: 'The pod gets no AWS identity: the pod is the image of a static pod.',
  },
  {
    name: 'an identity that is required and missing',
    metadata: { labels: { [requireLabel]: 'true' } },
    annotations: {},
    outcome: 'denied',
    reason: 'identity_required',
    identity: 'refused',
    sentence: `The pod has the label ${requireLabel} and gets no AWS identity: ServiceAccount "shop/web" has no annotation ${roleAnnotation} (no_role): it is refused.`,
    next: [annotate],
  },
  {
    name: 'all containers skipped',
    metadata: { annotations: { 'eks.amazonaws.com/skip-containers': 'app' } },
    outcome: 'skipped',
    reason: 'all_containers_skipped',
    identity: 'none',
    sentence: 'The pod gets no AWS identity: its annotations leave no container to inject into.',
  },
  {
    name: 'no containers',
    spec: { containers: [] },
    outcome: 'skipped',
    reason: 'no_containers',
    identity: 'none',
    sentence: 'The pod gets no AWS identity: it has no containers.',
  },
  {
    name: 'a malformed pod',
    spec: { volumes: {} },
    outcome: 'skipped',
    reason: 'malformed_pod',
    identity: 'none',
    sentence: 'The pod gets no AWS identity: the API server refuses such a pod.',
  },
  {
    name: 'an account that is not in the input',
    annotations: undefined,
    answer: { kind: 'unavailable', reason: 'lookup_failed', detail: 'it is not in the input' },
    outcome: 'error',
    reason: 'lookup_failed',
    identity: 'unknown',
    sentence: 'It is not known whether there is an identity: it is not in the input.',
  },
  {
    name: 'no webhook, although the account has a role',
    input: { hook: { kind: 'not_installed' } },
    outcome: 'mutated',
    reason: 'identity_injected',
    identity: 'none',
    code: 'not_installed',
    sentence: 'The pod gets no AWS identity: no pod identity webhook is registered in this cluster.',
    next: ['irsa check --wait 60s'],
  },
];

describe('explainPod()', () => {
  test.each(cases)(
    'says it in a sentence for $name',
    ({ outcome, reason, identity, sentence, code, next = [], ...given }) => {
      const { verdict } = explain(given);
      expect(verdict).toMatchObject({ outcome, reason, identity, sentence, code: code ?? reason });
      expect(verdict.nextSteps.flatMap(({ command }) => command ?? [])).toEqual(next);
    },
  );

  test('has a next step for every pod that gets nothing', () => {
    const without = cases.filter(({ identity }) => identity === 'none' || identity === 'refused');
    const stepless = without.filter(given => explain(given).verdict.nextSteps.length === 0);
    expect(without.length).toBeGreaterThan(8);
    expect(stepless.map(({ name }) => name)).toEqual([]);
  });

  test.each([
    ['the field', { serviceAccountName: 'web' }, 'serviceAccountName'],
    ['the deprecated field', { serviceAccountName: undefined, serviceAccount: 'web' }, 'serviceAccount'],
    ['none', { serviceAccountName: undefined }, 'default'],
  ])('tells that the account is named by %s', (_, spec, from) => {
    expect(explain({ spec }).account.from).toBe(from);
  });

  test('looks at no source once the pod is exempt', () => {
    const { sources, settings, containers } = explain({ metadata: { labels: { [skipLabel]: 'x' } } });
    expect({ sources, settings, containers }).toEqual({ sources: [], settings: [], containers: [] });
  });
});
