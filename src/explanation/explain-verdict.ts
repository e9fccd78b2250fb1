import type { Decision } from '../admission/answer.ts';
import { noContainerLeft } from '../admission/judge.ts';
import { skipLabels } from '../admission/subject.ts';
import { verdictOf, type Comparison } from '../comparison/compare-pod.ts';
import { findingKinds, type FindingCode } from '../comparison/finding-kinds.ts';
import { counted, nounFor } from '../util/text.ts';
import { renewPods, shellWord, type ObjectReference } from '../comparison/remedy.ts';
import type {
  ExplainedAccount,
  ExplainedContainer,
  ExplainedFinding,
  ExplainedHook,
  ExplainedPods,
  ExplainedRunning,
  ExplainedSubject,
  ExplainedVerdict,
  NextStep,
  SourceStatement,
} from './explanation.ts';

export interface VerdictInput {
  readonly subject: ExplainedSubject;
  readonly decision: Decision;
  readonly account: ExplainedAccount;
  readonly prefix: string;
  readonly containers: readonly ExplainedContainer[];
  readonly sources: readonly SourceStatement[];
  readonly hook: ExplainedHook | undefined;
  /** Worst first. */
  readonly findings: readonly ExplainedFinding[];
  /** Only for a pod that runs, and that the webhook would look at. */
  readonly comparison: Comparison | undefined;
  /** True when every container of the pod sets a variable of the identity to nothing. */
  readonly optsOut: boolean;
  readonly running: ExplainedRunning | undefined;
  /** Those of a workload. */
  readonly pods: ExplainedPods | undefined;
  /** The workload of a pod that runs. */
  readonly owner: ObjectReference | undefined;
}

/** Returns one plain sentence, what it comes to, and what to do next. */
export function explainVerdict(input: VerdictInput): ExplainedVerdict {
  const { outcome, reason } = input.decision;
  return { outcome, reason, ...conclude(input), nextSteps: nextSteps(input) };
}

type Conclusion = Pick<ExplainedVerdict, 'verdict' | 'identity' | 'code' | 'sentence'>;

function conclude(input: VerdictInput): Conclusion {
  const { hook, comparison, findings } = input;
  const isJudged = findings.some(({ code }) => aboutAnIdentity.has(code));
  if (comparison !== undefined && (hasIdentity(comparison) || isJudged)) return concludeRunning(input, comparison);
  if (isNotAsked(hook)) {
    const sentence = `${whatGets(input)} no AWS identity: ${hook.detail}.`;
    return withPods({ verdict: 'broken', identity: 'none', code: hook.code, sentence }, input.pods);
  }
  return withPods(concludeCreation(input), input.pods);
}

/** A template may be as it should be while the pods that run are not. */
function withPods(conclusion: Conclusion, pods: ExplainedPods | undefined): Conclusion {
  const [worst] = pods?.findings ?? [];
  if (pods === undefined || worst === undefined || pods.broken + pods.differs === 0) return conclusion;
  const verdict = pods.broken > 0 ? 'broken' : 'differs';
  const sentence = `${conclusion.sentence.slice(0, -1)}; ${podsText(pods)}.`;
  if (conclusion.verdict === 'broken' || conclusion.verdict === verdict) return { ...conclusion, sentence };
  return { ...conclusion, verdict, code: worst.name, sentence };
}

/** Returns how many pods of a workload are not as they would be now, in words. */
export function podsText({ running, broken, differs }: ExplainedPods): string {
  const counts = [
    ...(broken > 0 ? [`${broken} broken`] : []),
    ...(differs > 0 ? [`${differs} that ${nounFor(differs, 'differs', 'differ')}`] : []),
  ];
  return `of ${counted(running, 'pod that runs', 'pods that run')}, ${counts.length === 0 ? 'all are as they would be now' : counts.join(' and ')}`;
}

/** What is found of a pod whose account has no identity, and that has or needs one all the same. */
const aboutAnIdentity: ReadonlySet<FindingCode> = new Set(['IRSA003', 'IRSA013', 'IRSA015']);

function hasIdentity({ identity, passedOver }: Comparison): boolean {
  return identity !== undefined && !passedOver;
}

function isNotAsked(hook: ExplainedHook | undefined): hook is ExplainedHook {
  return hook?.code === 'not_installed' || hook?.code === 'not_selected';
}

function concludeRunning(input: VerdictInput, { identity }: Comparison): Conclusion {
  const { findings, running, hook, decision } = input;
  const [worst] = findings;
  const has = `The pod has ${identity === undefined ? 'no AWS identity' : identityOf(identity)}`;
  const verdict = verdictOf(findings);
  if (worst !== undefined && verdict !== 'ok') {
    const [cause] = running?.causes ?? [];
    const because = cause === undefined ? '' : `: ${cause.detail}`;
    const sentence = `${findingKinds[worst.code].title}: ${worst.detail}${because}.`;
    return { verdict, identity: identityBehind(worst, decision), code: worst.name, sentence };
  }
  if (isNotAsked(hook)) {
    const sentence = `${has}, and a new one would get none: ${hook.detail}.`;
    return { verdict: 'differs', identity: 'has', code: hook.code, sentence };
  }
  if (worst === undefined) {
    return { verdict, identity: 'has', code: 'as_it_would_be', sentence: `${has}, as it would get it now.` };
  }
  return { verdict, identity: 'has', code: worst.name, sentence: `${has}; ${worst.detail}.` };
}

function identityBehind({ code }: ExplainedFinding, { outcome }: Decision): ExplainedVerdict['identity'] {
  if (code === 'IRSA001' || code === 'IRSA008') return 'none';
  if (code === 'IRSA015') return outcome === 'denied' ? 'refused' : 'none';
  return 'has';
}

function identityOf(identity: NonNullable<Comparison['identity']>): string {
  return identity.method === 'container_credentials' ? associationRole : `the role ${identity.roleArn.value}`;
}

const associationRole = 'the role of its Pod Identity association';

/** What a new pod gets, and what is wrong with it all the same. */
function concludeCreation(input: VerdictInput): Conclusion {
  const { decision, findings, optsOut } = input;
  if (optsOut) {
    const sentence = `${whatGets(input)} no AWS identity: its containers set a variable of it to nothing.`;
    return { verdict: 'broken', identity: 'none', code: 'opted_out', sentence };
  }
  const decided = concludeDecision(input);
  const [worst] = findings;
  const found = verdictOf(findings);
  if (worst === undefined || decided.verdict !== 'ok' || found === 'ok') return { ...decided, code: decision.reason };
  const sentence = `${decided.sentence.slice(0, -1)}, but ${worst.detail}.`;
  return { ...decided, verdict: found, code: worst.name, sentence };
}

/** Where containers end up with several roles, or with one that is not known, the detail names each. */
function roleText({ method, role, detail }: Decision): string {
  if (method === 'container_credentials') return associationRole;
  return role === '' ? detail : `the role ${role}`;
}

function concludeDecision(input: VerdictInput): Omit<Conclusion, 'code'> {
  const { decision } = input;
  const role = roleText(decision);
  switch (decision.outcome) {
    case 'mutated':
      return { verdict: 'ok', identity: 'gets', sentence: `${whatGets(input)} ${role}${inContainers(input)}.` };
    case 'unchanged':
      return { verdict: 'ok', identity: 'has', sentence: `${whatHas(input)} what it needs to use ${role} already.` };
    case 'denied':
      return { verdict: 'broken', identity: 'refused', sentence: `${capital(decision.detail)}: it is refused.` };
    case 'error': {
      const sentence = `It is not known whether there is an identity: ${decision.detail}.`;
      return { verdict: 'unknown', identity: 'unknown', sentence };
    }
    default: {
      const sentence = `${whatGets(input)} no AWS identity: ${noneDetail(decision)}${unseen(input)}.`;
      return { verdict: unseenSources(input).length > 0 ? 'unknown' : 'broken', identity: 'none', sentence };
    }
  }
}

/** A source that cannot be seen may say something else. */
function unseen(input: VerdictInput): string {
  const names = unseenSources(input);
  return names.length === 0
    ? ''
    : `, unless the ${names.join(' or the ')} says otherwise, which cannot be seen from here`;
}

function unseenSources({ sources }: VerdictInput): readonly string[] {
  return sources.filter(({ result }) => result === 'unknown').map(({ source }) => source);
}

/** A pod with an identity that has no place to go is skipped, and the decision's detail names the role. */
function noneDetail({ reason, detail }: Decision): string {
  switch (reason) {
    case 'all_containers_skipped':
      return noContainerLeft;
    case 'no_containers':
      return 'it has no containers';
    case 'malformed_pod':
      return 'the API server refuses such a pod';
    default:
      return detail;
  }
}

function inContainers({ containers }: VerdictInput): string {
  const injected = containers.filter(({ result }) => result === 'injected').length;
  const skipped = containers.length - injected;
  if (skipped === 0) return containers.length === 1 ? '' : ` in all ${containers.length} containers`;
  return ` in ${injected} of ${containers.length} containers`;
}

function whatGets({ subject }: VerdictInput): string {
  if (subject.kind === 'Pod') return 'The pod gets';
  if (subject.kind === 'ServiceAccount') return 'A pod of this ServiceAccount gets';
  return `A pod of this ${subject.kind} gets`;
}

function whatHas(input: VerdictInput): string {
  return whatGets(input).replace(/gets$/, 'has');
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** What to do so that the pod gets a working identity, in order; empty where it has one. */
function nextSteps(input: VerdictInput): readonly NextStep[] {
  const { comparison, owner, subject } = input;
  const setUp = [...hookSteps(input), ...decisionSteps(input)];
  const steps = [...setUp, ...findingSteps(input)];
  const isRenewed = steps.some(({ command }) => command?.startsWith('kubectl rollout restart'));
  if (setUp.length === 0 || comparison === undefined || owner === undefined || isRenewed) return distinct(steps);
  return distinct([...steps, ...toSteps(renewPods(owner, [subject.name], 'Then restart the workload.'))]);
}

function hookSteps({ hook }: VerdictInput): readonly NextStep[] {
  if (hook?.code === 'not_installed') {
    return [{ detail: 'install the webhook, and see that it works', command: 'irsa check --wait 60s' }];
  }
  if (hook?.code !== 'not_selected' || hook.configuration === undefined) return [];
  const command = `kubectl get mutatingwebhookconfiguration ${shellWord(hook.configuration)} -o yaml`;
  return [{ detail: 'make the selectors of the webhook and the labels of pod and namespace agree', command }];
}

const placeholder = 'arn:aws:iam::ACCOUNT_ID:role/ROLE_NAME';

function decisionSteps({ decision, account, prefix, comparison }: VerdictInput): readonly NextStep[] {
  if (comparison !== undefined && hasIdentity(comparison)) return [];
  const name = shellWord(account.name);
  const namespace = shellWord(account.namespace);
  const annotate = `kubectl annotate serviceaccount ${name} -n ${namespace}`;
  const role = shellWord(`${prefix}/role-arn=${placeholder}`);
  switch (decision.cause) {
    case 'no_role':
      return [{ detail: 'name the role on the ServiceAccount', command: `${annotate} ${role}` }];
    case 'invalid_role_arn':
      return [{ detail: 'name the role by its ARN', command: `${annotate} --overwrite ${role}` }];
    case 'service_account_not_found':
      return [
        { detail: 'create the ServiceAccount', command: `kubectl create serviceaccount ${name} -n ${namespace}` },
        { detail: 'name the role on it', command: `${annotate} ${role}` },
      ];
    case 'mapped_to_no_role':
      return [{ detail: 'the mapping says explicitly none: change its entry, or name the role on the ServiceAccount' }];
    case 'skip_label':
      return [{ detail: `remove the label ${skipLabels(prefix).join(' or ')} from the pod template` }];
    case 'exempt_namespace':
      return [{ detail: "take the namespace out of the webhook's --exempt-namespaces, or run the pod in another one" }];
    case 'mirror_pod':
      return [{ detail: 'a static pod cannot have an identity: run it by a Deployment or DaemonSet' }];
    case 'all_containers_skipped':
      return [
        { detail: `name fewer containers in ${prefix}/skip-containers, or more in ${prefix}/include-containers` },
      ];
    case 'lookup_failed':
      return [{ detail: 'give the ServiceAccount with --service-accounts FILE, or ask the cluster with --cluster' }];
    case 'malformed_pod':
    case 'no_containers':
      return [{ detail: 'correct the pod: the API server refuses it as it is' }];
    default:
      return [];
  }
}

/** An info needs nothing to be done. What the decision asks for already is not repeated. */
function findingSteps({ findings, decision, pods }: VerdictInput): readonly NextStep[] {
  return [...findings, ...(pods?.findings ?? [])]
    .filter(({ severity }) => severity !== 'info')
    .filter(({ code }) => code !== 'IRSA015' || decision.outcome !== 'denied')
    .flatMap(({ remedy }) => toSteps(remedy));
}

function toSteps({ text, commands: [first, ...more] }: ExplainedFinding['remedy']): readonly NextStep[] {
  const [command, ...others] = [first, ...more].filter(line => line !== undefined);
  const detail = text.replaceAll('`', '');
  return [command === undefined ? { detail } : { detail, command }, ...others.map(line => ({ detail, command: line }))];
}

function distinct(steps: readonly NextStep[]): readonly NextStep[] {
  const seen = new Set<string>();
  return steps.filter(({ detail, command = detail }) => !seen.has(command) && seen.add(command));
}
