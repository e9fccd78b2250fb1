import type { ServiceAccountReference } from '../admission/identity-source.ts';
import type { Identity, IdentityAnswer } from '../identity/identity.ts';
import type { Notice } from '../identity/notice.ts';
import { resolveIdentity, type IdentityInputs } from '../identity/resolve.ts';
import { severities, type Severity } from './finding-kinds.ts';
import { podFinding, type PodFinding } from './pod-finding.ts';
import { compareWithIdentity } from './identity-findings.ts';
import { findInContainers, findSlips, findUnnamedTokens, findWithoutIdentity } from './own-findings.ts';
import { hasContainerCredentials, hasWebIdentity, type RunningPod } from './running-pod.ts';
import { readTemplate, type ComparisonBasis, type TemplateFacts } from './comparison-basis.ts';

/**
 * How a pod is: `ok` has what it needs, `differs` works in another way than its account says, or may not work, `broken` lacks
 * something. `unknown` is for those who cannot compare, since something is not in the input.
 */
export type Verdict = 'ok' | 'differs' | 'broken' | 'unknown';

/** A pod beside what it would get if it were created now. */
export interface Comparison {
  readonly account: ServiceAccountReference;
  /** The identity that its account has now; undefined when it has none. */
  readonly identity: Identity | undefined;
  /** True when the association is known from the pod itself alone. */
  readonly associationSeen: boolean;
  /** True when the pod's own annotations exclude all of its containers. */
  readonly passedOver: boolean;
  readonly verdict: Exclude<Verdict, 'unknown'>;
  /** In the order in which they matter: what it lacks, what it has beside it, what its account says. */
  readonly findings: readonly PodFinding[];
  /** True when the template of the pod would tell more: whether a restart changes something. */
  readonly needsTemplate: boolean;
}

/** Compares a running pod with what a review would decide about it now, by the webhook's own code. */
export function comparePod(running: RunningPod, basis: ComparisonBasis): Comparison {
  const { account } = running;
  const { inputs, associationsKnown } = basis;
  const template = readTemplate(basis.template);
  const associationSeen = !associationsKnown && !inputs.associated && usesContainerCredentials(running, template);
  const answer = resolveIdentity({ ...inputs, associated: inputs.associated || associationSeen });
  const identity = answer.kind === 'identity' ? answer.identity : undefined;
  const compared = identity && compareWithIdentity(running, identity, { settings: basis.injection, template });
  const common = { account, identity, associationSeen };
  if (compared?.kind === 'passed_over') {
    return { ...common, passedOver: true, verdict: 'ok', findings: [], needsTemplate: false };
  }
  const own = compared?.findings ?? findNone(running, answer, basis);
  const incomplete = own.filter(({ code }) => code === 'IRSA001' || code === 'IRSA004' || code === 'IRSA008');
  const lacking = new Set(incomplete.flatMap(finding => finding.containers));
  const found = [
    ...findMissingAccount(running, inputs, identity),
    ...own,
    ...findInContainers(running, lacking),
    ...(incomplete.length > 0 ? [] : findUnnamedTokens(running, inputs.defaults)),
    ...findInAccount(inputs, answer),
    ...(identity === undefined ? findSlips(running.pod, basis) : []),
  ];
  const findings = found.filter(
    ({ code, containers }) => code !== 'IRSA006' || containers.length > 0 || !hasBoth(found),
  );
  const needsTemplate = basis.template === undefined && findings.some(({ code }) => dependsOnTemplate.has(code));
  return { ...common, passedOver: false, verdict: verdictOf(findings), findings, needsTemplate };
}

/** Containers with both methods, or with the other one, are found by name: what the webhook warns of is the same. */
function hasBoth(findings: readonly PodFinding[]): boolean {
  return findings.some(({ code, containers }) => code === 'IRSA002' || (code === 'IRSA006' && containers.length > 0));
}

const dependsOnTemplate: ReadonlySet<PodFinding['code']> = new Set(['IRSA002', 'IRSA004']);

/** Returns the verdict about a pod with these findings: the worst of them decides. */
export function verdictOf(findings: readonly Pick<PodFinding, 'severity'>[]): Exclude<Verdict, 'unknown'> {
  const worst = severities.find(severity => findings.some(finding => finding.severity === severity));
  return worst === undefined ? 'ok' : verdicts[worst];
}

/** An info says that a pod has what it needs, and would get something more. */
const verdicts: { readonly [severity in Severity]: Exclude<Verdict, 'unknown'> } = {
  error: 'broken',
  warning: 'differs',
  info: 'ok',
};

/**
 * Associations are in a file on the webhook's nodes, or in EKS, and cannot be read from here. A pod whose containers have
 * container credentials which its template does not set, and none of them a role alone, is taken to have one.
 */
function usesContainerCredentials({ containers }: RunningPod, { sets }: TemplateFacts): boolean {
  const known = containers.filter(container => container !== undefined);
  return (
    known.some(({ name, variables }) => hasContainerCredentials(variables) && sets(name, fullUri) !== true) &&
    known.every(({ variables }) => !hasWebIdentity(variables) || hasContainerCredentials(variables))
  );
}

const fullUri = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';

function findNone(running: RunningPod, answer: IdentityAnswer, basis: ComparisonBasis): readonly PodFinding[] {
  return answer.kind === 'none' ? findWithoutIdentity(running, answer, basis) : [];
}

/** Without its account a pod gets no further token, whatever gives it a role. */
function findMissingAccount(
  { containers }: RunningPod,
  { serviceAccountExists, account }: IdentityInputs,
  identity: Identity | undefined,
): readonly PodFinding[] {
  const usesAws = containers.some(
    container =>
      container !== undefined && (hasWebIdentity(container.variables) || hasContainerCredentials(container.variables)),
  );
  if (serviceAccountExists || (identity === undefined && !usesAws)) return [];
  return [podFinding('IRSA013', `ServiceAccount ${account.namespace}/${account.name} does not exist`)];
}

/**
 * Returns what is wrong with the annotations of an account, and with the entry of the mapping that was used. A problem of an
 * annotation is found whether or not the annotation is used.
 */
export function findInAccount(
  { account, serviceAccount, mapping }: IdentityInputs,
  answer: IdentityAnswer,
): readonly PodFinding[] {
  const annotations = serviceAccount?.notices ?? [];
  const roleProblem = serviceAccount?.roleArnProblem;
  const entryProblem = mapping.find(account.namespace, account.name)?.roleArnProblem;
  return [
    ...annotations.map(notice => accountFinding(notice, notice.detail === roleProblem)),
    ...noticesOf(answer)
      .filter(({ detail }) => detail === entryProblem)
      .map(notice => accountFinding(notice, true)),
  ];
}

function noticesOf(answer: IdentityAnswer): readonly Notice[] {
  if (answer.kind === 'unavailable') return [];
  return answer.kind === 'identity' ? answer.identity.notices : answer.notices;
}

function accountFinding({ detail }: Notice, isRole: boolean): PodFinding {
  return podFinding('IRSA005', detail, { severity: isRole ? 'error' : 'warning', concerns: 'account' });
}
