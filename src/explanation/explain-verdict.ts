import type { Decision } from '../admission/answer.ts';
import type {
  ExplainedContainer,
  ExplainedHook,
  ExplainedSubject,
  RunningComparison,
  SourceStatement,
  Verdict,
} from './explanation.ts';

export interface VerdictInput {
  readonly subject: ExplainedSubject;
  readonly decision: Decision;
  readonly containers: readonly ExplainedContainer[];
  readonly sources: readonly SourceStatement[];
  readonly hook: ExplainedHook | undefined;
  readonly running: RunningComparison | undefined;
}

/** One plain sentence, and what it comes to. */
export function explainVerdict(input: VerdictInput): Omit<Verdict, 'nextSteps'> {
  const { outcome, reason } = input.decision;
  return { outcome, reason, ...conclude(input) };
}

type Conclusion = Pick<Verdict, 'identity' | 'code' | 'sentence'>;

function conclude(input: VerdictInput): Conclusion {
  const { hook, decision, running } = input;
  if (running !== undefined && (decision.method !== 'none' || running.code === 'unexpected')) {
    return concludeRunning(running, decision);
  }
  if (hook?.code === 'not_installed' || hook?.code === 'not_selected') {
    return { identity: 'none', code: hook.code, sentence: `${whatGets(input)} no AWS identity: ${hook.detail}.` };
  }
  return { ...concludeDecision(input), code: decision.reason };
}

function concludeRunning({ code, detail, causes }: RunningComparison, decision: Decision): Conclusion {
  if (code === 'as_it_would_be') {
    return { identity: 'has', code, sentence: `The pod has ${identityOf(decision)}, as it would get it now.` };
  }
  const [cause] = causes;
  const because = cause === undefined ? '' : `: ${cause.detail}`;
  return { identity: hasIdentity[code], code, sentence: `${capital(detail)}${because}.` };
}

const hasIdentity: { readonly [code in RunningComparison['code']]: Verdict['identity'] } = {
  as_it_would_be: 'has',
  settings_differ: 'has',
  other_method: 'has',
  stale_role: 'has',
  unexpected: 'has',
  partial: 'has',
  missing: 'none',
  has_none_and_would_get_none: 'none',
};

function concludeDecision(input: VerdictInput): Pick<Verdict, 'identity' | 'sentence'> {
  const { decision } = input;
  switch (decision.outcome) {
    case 'mutated':
      return { identity: 'gets', sentence: `${whatGets(input)} ${identityOf(decision)}${inContainers(input)}.` };
    case 'unchanged':
      return { identity: 'has', sentence: `${whatHas(input)} what it needs to use ${identityOf(decision)} already.` };
    case 'denied':
      return { identity: 'refused', sentence: `${capital(decision.detail)}: it is refused.` };
    case 'error':
      return {
        identity: 'unknown',
        sentence: `Whether there is an identity could not be found out: ${decision.detail}.`,
      };
    default:
      return {
        identity: 'none',
        sentence: `${whatGets(input)} no AWS identity: ${noneDetail(decision)}${unseen(input)}.`,
      };
  }
}

/** A source that cannot be seen may say something else. */
function unseen({ sources }: VerdictInput): string {
  const names = sources.filter(({ result }) => result === 'unknown').map(({ source }) => source);
  return names.length === 0
    ? ''
    : `, unless the ${names.join(' or the ')} says otherwise, which cannot be seen from here`;
}

/** A pod with an identity that has no place to go is skipped, and the decision's detail names the role. */
function noneDetail({ reason, detail }: Decision): string {
  switch (reason) {
    case 'all_containers_skipped':
      return 'its annotations leave no container to inject into';
    case 'no_containers':
      return 'it has no containers';
    case 'malformed_pod':
      return 'the API server refuses such a pod';
    default:
      return detail;
  }
}

function identityOf({ method, role }: Decision): string {
  return method === 'container_credentials' ? 'the role of its Pod Identity association' : `the role ${role}`;
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
