import type { Decision, SkipReason } from '../admission/answer.ts';
import type { ServiceAccountReference } from '../admission/identity-source.ts';
import { judge, passOver } from '../admission/judge.ts';
import { reviewOfCreation, type ReviewRequest } from '../admission/review-request.ts';
import { readAccountName, readSubject, skipLabels, type Skip, type Subject } from '../admission/subject.ts';
import type { IdentityAnswer } from '../identity/identity.ts';
import type { IdentityInputs } from '../identity/resolve.ts';
import type { Injection } from '../injection/inject.ts';
import { readPod, type Pod } from '../injection/pod.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { textAt, type JsonObject } from '../util/json.ts';
import { compareRunning } from './compare-running.ts';
import { explainCredentials } from './credentials-notes.ts';
import { explainContainers } from './explain-containers.ts';
import { explainHook, type HookFacts } from './explain-hook.ts';
import { explainSettings, explainVolume } from './explain-settings.ts';
import { explainSources, unseenNames, winnerOf, type UnseenSources } from './explain-sources.ts';
import { explainVerdict } from './explain-verdict.ts';
import type { ExplainedAccount, ExplainedSubject, Explanation, RunningComparison, Exemption } from './explanation.ts';
import type { FlagOrigins } from './flag-origin.ts';
import { findHints } from './hints.ts';
import { nextSteps, type Owner } from './next-steps.ts';

/** A pod, or what pods are made of, and all that the decision about it rests on. */
export interface ExplainInput {
  readonly subject: ExplainedSubject;
  /** With the metadata and spec of a pod. */
  readonly pod: JsonObject;
  readonly account: AccountFacts;
  readonly settings: InjectionSettings;
  readonly origins: FlagOrigins;
  /** Only where a cluster is asked. */
  readonly hook?: HookFacts;
  /** Only for a pod that runs there. */
  readonly running?: RunningFacts;
}

/** What is known about the pod's ServiceAccount, which `accountOf()` names. */
export interface AccountFacts {
  readonly inputs: IdentityInputs;
  /** The identity of the account, from the same inputs. */
  readonly answer: IdentityAnswer;
  /** As written, for slips in their names; undefined where they cannot be seen. */
  readonly annotations: JsonObject | undefined;
  readonly unseen: UnseenSources;
}

export interface RunningFacts {
  readonly owner: Owner | undefined;
  /** Objects as the API server gave them, for their times. */
  readonly serviceAccount: JsonObject | undefined;
  readonly mapping: JsonObject | undefined;
  /** Whether the ServiceAccount was changed after the pod last was; undefined where that is not known. */
  readonly accountChangedSince: boolean | undefined;
}

/** The ServiceAccount of a pod, whose facts the explanation needs. */
export function accountOf(pod: JsonObject, namespace: string): ServiceAccountReference {
  return { namespace, name: readAccountName(readPod(pod)).name };
}

/** Explains the whole way of the decision that the webhook would take about this pod. */
export function explainPod(input: ExplainInput): Explanation {
  const request = reviewOfCreation(input.pod, input.subject);
  const found = readSubject(request, input.settings);
  return found.kind === 'skip' ? explainSkip(input, request, found) : explainSubject(input, request, found.subject);
}

function explainSkip(input: ExplainInput, request: ReviewRequest, skip: Skip): Explanation {
  const { decision } = passOver(request, skip, input.settings);
  return assemble(input, {
    pod: skip.pod ?? readPod(input.pod),
    decision,
    skipped: { reason: skip.reason, detail: decision.detail },
    judged: undefined,
  });
}

function explainSubject(input: ExplainInput, request: ReviewRequest, subject: Subject): Explanation {
  const { answer } = input.account;
  const { decision, injection } = judge(request, subject, answer, { injection: input.settings, random: () => 0 });
  return assemble(input, { pod: subject.pod, decision, skipped: undefined, judged: { answer, injection } });
}

interface Judged {
  readonly answer: IdentityAnswer;
  readonly injection: Injection | undefined;
}

interface Parts {
  readonly pod: Pod;
  readonly decision: Decision;
  readonly skipped: Parameters<typeof explainExemption>[0];
  /** Undefined where the webhook did not look at an identity. */
  readonly judged: Judged | undefined;
}

function assemble(input: ExplainInput, parts: Parts): Explanation {
  const { pod, decision, judged } = parts;
  const { subject, settings } = input;
  const account = explainAccount(input, pod);
  const hook = input.hook === undefined ? undefined : explainHook(input.hook);
  const identity = explainIdentity(input, pod, judged);
  const running = explainRunning(input, parts, hook);
  const common = { decision, hook, running };
  return {
    apiVersion: 'irsa/v1',
    kind: 'Explanation',
    subject,
    account,
    ...(hook === undefined ? {} : { hook }),
    exemption: explainExemption(parts.skipped, settings),
    ...identity,
    notices: decision.notices,
    hints:
      decision.method === 'none' && judged !== undefined
        ? findHints(pod, input.account.annotations, settings.annotationPrefix)
        : [],
    ...(running === undefined ? {} : { running }),
    verdict: {
      ...explainVerdict({ ...common, subject, containers: identity.containers, sources: identity.sources }),
      nextSteps: nextSteps({ ...common, account, prefix: settings.annotationPrefix, owner: input.running?.owner }),
    },
  };
}

function explainAccount(input: ExplainInput, pod: Pod): ExplainedAccount {
  const { name, from } = readAccountName(pod);
  const { kind, namespace } = input.subject;
  const { answer, inputs } = input.account;
  const state = inputs.serviceAccountExists ? 'exists' : answer.kind === 'unavailable' ? 'unknown' : 'not_found';
  return { namespace, name, from: kind === 'ServiceAccount' ? 'subject' : from, state };
}

type IdentityPart = Pick<Explanation, 'sources' | 'settings' | 'volume' | 'containers' | 'credentials'>;

function explainIdentity(input: ExplainInput, pod: Pod, judged: Judged | undefined): IdentityPart {
  if (judged === undefined) return { sources: [], settings: [], containers: [], credentials: [] };
  const { answer, injection } = judged;
  const { inputs, unseen } = input.account;
  const sources = explainSources(inputs, answer, unseen);
  if (answer.kind !== 'identity' || injection === undefined) {
    return { sources, settings: [], containers: [], credentials: [] };
  }
  const { identity } = answer;
  const { settings, origins } = input;
  const volume = explainVolume(injection);
  return {
    sources,
    settings: explainSettings({ pod, identity, inputs, settings, injection, origins }),
    ...(volume === undefined ? {} : { volume }),
    containers: explainContainers(injection),
    credentials: explainCredentials(pod, identity, injection, sources),
  };
}

function explainRunning(
  input: ExplainInput,
  { pod, judged }: Parts,
  hook: Explanation['hook'],
): RunningComparison | undefined {
  const { running, hook: facts } = input;
  const answer = judged?.answer ?? nothing;
  if (running === undefined || answer.kind === 'unavailable') return undefined;
  return compareRunning({
    pod,
    created: textAt(input.pod, 'metadata', 'creationTimestamp') ?? '',
    answer,
    injection: judged?.injection,
    unseen: judged === undefined ? [] : unseenNames(input.account.unseen),
    evidence: {
      serviceAccount: running.serviceAccount,
      mapping: running.mapping,
      accountChangedSince: running.accountChangedSince,
      configuration: facts?.kind === 'installed' ? facts.configuration : undefined,
      hook,
      source: winnerOf(answer),
      annotationPrefix: input.settings.annotationPrefix,
    },
  });
}

/** For a pod that the webhook passes over. */
const nothing: IdentityAnswer = { kind: 'none', reason: 'no_role', detail: '', notices: [] };

/** Whether the webhook passes this pod over without a look at its identity. `detail` is the decision's. */
function explainExemption(
  skipped: { readonly reason: SkipReason; readonly detail: string } | undefined,
  { annotationPrefix, exemptNamespaces }: InjectionSettings,
): Exemption {
  if (skipped !== undefined) return { exempt: true, ...skipped };
  const namespaces = exemptNamespaces.length === 0 ? 'no exempt namespaces' : 'not in an exempt namespace';
  const detail = `no mirror pod, no label ${skipLabels(annotationPrefix).join(' or ')}, ${namespaces}`;
  return { exempt: false, detail };
}
