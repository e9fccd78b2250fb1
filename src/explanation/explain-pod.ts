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
import { causesOf, type RunningCause } from '../comparison/causes.ts';
import { comparePod, type Comparison } from '../comparison/compare-pod.ts';
import type { ComparisonBasis } from '../comparison/comparison-basis.ts';
import { findingKinds, severities } from '../comparison/finding-kinds.ts';
import type { PodFinding } from '../comparison/pod-finding.ts';
import { createdPod } from '../comparison/created-pod.ts';
import { remedyOf, type ObjectReference } from '../comparison/remedy.ts';
import { readRunningPod } from '../comparison/running-pod.ts';
import { explainContainers, explainCredentials } from './explain-containers.ts';
import { explainSettings, explainVolume, type FlagOrigins } from './explain-settings.ts';
import { explainSources, unseenNames, winnerOf, type UnseenSources } from './explain-sources.ts';
import { explainVerdict } from './explain-verdict.ts';
import type {
  ExplainedAccount,
  ExplainedFinding,
  ExplainedHook,
  ExplainedHookEntry,
  ExplainedPods,
  ExplainedRunning,
  ExplainedSubject,
  Explanation,
  Exemption,
} from './explanation.ts';

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
  /** Only for a workload there. */
  readonly pods?: ExplainedPods;
}

/** What is known about the pod's ServiceAccount, which `accountOf()` names. */
export interface AccountFacts {
  readonly inputs: IdentityInputs;
  /** The identity of the account, from the same inputs. */
  readonly answer: IdentityAnswer;
  /** As written, for slips in their names; undefined where they cannot be seen. */
  readonly annotations: JsonObject | undefined;
  readonly unseen: UnseenSources;
  /** True when the associations are known; else they are concluded from a pod that runs. */
  readonly associationsKnown: boolean;
}

export interface RunningFacts {
  readonly owner: ObjectReference;
  /** What the pod was created from; undefined where that may not be read. */
  readonly template: JsonObject | undefined;
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
  const { pod, decision } = parts;
  const { subject, settings } = input;
  const account = explainAccount(input, pod);
  const hook = input.hook === undefined ? undefined : explainHook(input.hook);
  const identity = explainIdentity(input, pod, parts.judged);
  const { comparison, found, optsOut } = compare(input, parts);
  const owner = input.running?.owner;
  const findings = found.map(finding => explainFinding(finding, owner, subject.name));
  const running = explainRunning(input, found, comparison, hook);
  const { containers, sources } = identity;
  const judged = { subject, decision, account, prefix: settings.annotationPrefix, containers, sources, hook, findings };
  return {
    apiVersion: 'irsa/v1',
    kind: 'Explanation',
    subject,
    account,
    ...(hook === undefined ? {} : { hook }),
    exemption: explainExemption(parts.skipped, settings),
    ...identity,
    notices: decision.notices,
    findings,
    ...(running === undefined ? {} : { running }),
    ...(input.pods === undefined ? {} : { pods: input.pods }),
    verdict: explainVerdict({ ...judged, comparison, optsOut, running, owner, pods: input.pods }),
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
    credentials: explainCredentials(identity, injection, sources),
  };
}

interface Compared {
  /** Only of a pod that runs. */
  readonly comparison: Comparison | undefined;
  /** Worst first. */
  readonly found: readonly PodFinding[];
  /** True when every container sets a variable of the identity to nothing. */
  readonly optsOut: boolean;
}

/** A pod that runs is compared as it is, a template as the pod that is created from it. */
function compare(input: ExplainInput, { judged }: Parts): Compared {
  const { settings, subject, running } = input;
  if (judged === undefined || judged.answer.kind === 'unavailable') return notCompared;
  const { injection } = judged;
  const object = running === undefined ? createdPod(input.pod, injection) : input.pod;
  const pod = readRunningPod(object, settings, subject.namespace);
  if (pod === undefined) return notCompared;
  const basis = comparisonBasis(input);
  const compared = comparePod(pod, running === undefined ? basis : { ...basis, template: running.template });
  const optsOut = compared.passedOver && injection !== undefined && injection.kind !== 'leave';
  const found = worstFirst(compared.findings);
  return { comparison: running === undefined ? undefined : compared, found, optsOut };
}

const notCompared: Compared = { comparison: undefined, found: [], optsOut: false };

/** Returns what the pods of this template are compared with. */
export function comparisonBasis({
  account,
  settings,
  pod,
}: Pick<ExplainInput, 'account' | 'settings' | 'pod'>): ComparisonBasis {
  const { inputs, annotations, associationsKnown } = account;
  return { inputs, annotations, associationsKnown, injection: settings, template: pod };
}

function worstFirst(findings: readonly PodFinding[]): readonly PodFinding[] {
  return findings.toSorted((left, right) => severities.indexOf(left.severity) - severities.indexOf(right.severity));
}

function explainFinding(finding: PodFinding, owner: ObjectReference | undefined, pod: string): ExplainedFinding {
  const { code, severity, containers, detail } = finding;
  const remedy =
    owner === undefined
      ? { text: finding.remedy ?? findingKinds[code].remedy, commands: [] }
      : remedyOf(finding, owner, [pod]);
  return { code, name: findingKinds[code].name, severity, containers, detail, remedy };
}

/** Why the worst finding has come about. */
function explainRunning(
  input: ExplainInput,
  [worst]: readonly PodFinding[],
  comparison: Comparison | undefined,
  hook: ExplainedHook | undefined,
): ExplainedRunning | undefined {
  const { running, hook: facts, settings, account } = input;
  if (running === undefined || comparison === undefined) return undefined;
  const created = textAt(input.pod, 'metadata', 'creationTimestamp') ?? '';
  const { serviceAccount, mapping, accountChangedSince } = running;
  const configuration = facts?.kind === 'installed' ? facts.configuration : undefined;
  const causes: readonly RunningCause[] =
    worst === undefined
      ? []
      : causesOf(worst, created, {
          serviceAccount,
          mapping,
          accountChangedSince,
          configuration,
          hook,
          source: winnerOf(account.answer),
          unseen: unseenNames(account.unseen),
          annotationPrefix: settings.annotationPrefix,
        });
  return { created, causes };
}

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

/** What is known of the webhook that a cluster has. */
export type HookFacts =
  | { readonly kind: 'not_installed' }
  /** `detail`: why it is not known. */
  | { readonly kind: 'unknown'; readonly detail: string }
  | {
      readonly kind: 'installed';
      /** Name of the MutatingWebhookConfiguration. */
      readonly name: string;
      readonly configuration: JsonObject;
      /** Those about the creation of pods. */
      readonly entries: readonly ExplainedHookEntry[];
      readonly notes: readonly string[];
    };

/** Whether the API server asks the webhook about the creation of a pod. */
function explainHook(facts: HookFacts): ExplainedHook {
  if (facts.kind === 'not_installed') {
    const detail = 'no pod identity webhook is registered in this cluster';
    return { code: 'not_installed', detail, entries: [], notes: [] };
  }
  if (facts.kind === 'unknown') return { code: 'unknown', detail: facts.detail, entries: [], notes: [] };
  const { entries, notes, name: configuration } = facts;
  const selecting = entries.find(entry => entry.selects);
  if (selecting !== undefined) {
    return { code: 'selected', configuration, detail: `${selecting.name} ${selecting.detail}`, entries, notes };
  }
  const detail =
    entries.length === 0
      ? `${configuration} has no entry about the creation of pods`
      : `${configuration} does not select this pod: the webhook is not asked about it`;
  return { code: 'not_selected', configuration, detail, entries, notes };
}
