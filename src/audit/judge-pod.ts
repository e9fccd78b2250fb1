import type { ServiceAccountReference } from '../admission/identity-source.ts';
import type { IdentityDefaults } from '../identity/defaults.ts';
import type { Identity, IdentityAnswer } from '../identity/identity.ts';
import { resolveIdentity, type IdentityInputs } from '../identity/resolve.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { findInContainers, findUnnamedTokens } from './container-findings.ts';
import { hasContainerCredentials, hasWebIdentity } from './container-variables.ts';
import { judgeWithIdentity } from './identity-findings.ts';
import { findWithoutIdentity } from './no-identity-findings.ts';
import { containersText, podFinding, type PodFinding } from './pod-finding.ts';
import type { FindingCode } from './report.ts';
import type { RunningPod } from './running-pod.ts';

/** The ServiceAccounts of one moment. */
export interface AuditAccounts {
  has(account: ServiceAccountReference): boolean;
  /** All that the decision about this account rests on. */
  inputsOf(account: ServiceAccountReference): IdentityInputs;
  /** Those to look at whether or not a pod uses them; of them those without an identity are passed over. */
  names(): Iterable<ServiceAccountReference>;
}

/** What running pods are compared with. */
export interface AuditBasis {
  readonly accounts: AuditAccounts;
  /** Whether the associations are known; else they are concluded from pods. */
  readonly associationsKnown: boolean;
  readonly defaults: IdentityDefaults;
  readonly injection: InjectionSettings;
}

/** A pod that the webhook would look at. */
export interface PodJudgement {
  readonly account: ServiceAccountReference;
  /** The identity that its account has now; undefined when it has none. */
  readonly identity: Identity | undefined;
  /** The association is known from the pod itself alone. */
  readonly associationSeen: boolean;
  /** The pod's own annotations exclude all of its containers. */
  readonly passedOver: boolean;
  readonly findings: readonly PodFinding[];
}

/** Compares one running pod with what a review would decide about it now, by the webhook's own code. */
export function judgePod(running: RunningPod, basis: AuditBasis): PodJudgement {
  const { account } = running;
  const inputs = basis.accounts.inputsOf(account);
  const associationSeen = !basis.associationsKnown && !inputs.associated && usesContainerCredentials(running);
  const answer = resolveIdentity({ ...inputs, associated: inputs.associated || associationSeen });
  const identity = answer.kind === 'identity' ? answer.identity : undefined;
  const judgement = identity && judgeWithIdentity(running, identity, basis.injection);
  const common = { account, identity, associationSeen };
  if (judgement?.kind === 'passed_over') return { ...common, passedOver: true, findings: [] };
  const own = judgement?.findings ?? findNone(running, answer, basis);
  const findings = [
    ...findMissingAccount(running, inputs, identity),
    ...own,
    ...findInContainers(running),
    ...(own.some(({ code }) => incomplete.has(code)) ? [] : findUnnamed(running, basis.defaults)),
    ...findInMapping(inputs, answer),
  ];
  return { ...common, passedOver: false, findings };
}

/** Findings that say of an identity that something of it is not there. */
const incomplete: ReadonlySet<FindingCode> = new Set(['IRSA001', 'IRSA004', 'IRSA008']);

/**
 * Associations are in a file on the webhook's nodes, or in EKS, and cannot be read from here. A pod whose containers have
 * container credentials, and none of them a role alone, is taken to have one.
 */
function usesContainerCredentials({ containers }: RunningPod): boolean {
  return (
    containers.some(({ variables }) => hasContainerCredentials(variables)) &&
    containers.every(({ variables }) => !hasWebIdentity(variables) || hasContainerCredentials(variables))
  );
}

function findNone(running: RunningPod, answer: IdentityAnswer, basis: AuditBasis): readonly PodFinding[] {
  return answer.kind === 'none' ? findWithoutIdentity(running, answer, basis.injection, basis.defaults) : [];
}

/** Without its account a pod gets no further token, whatever gives it a role. */
function findMissingAccount(
  { containers }: RunningPod,
  { serviceAccountExists, account }: IdentityInputs,
  identity: Identity | undefined,
): readonly PodFinding[] {
  const usesAws =
    identity !== undefined ||
    containers.some(({ variables }) => hasWebIdentity(variables) || hasContainerCredentials(variables));
  if (serviceAccountExists || !usesAws) return [];
  return [podFinding('IRSA013', `expected ServiceAccount ${account.namespace}/${account.name}, found none`)];
}

/** Where the identity is incomplete, that has been said; here the account has none, or the pod's owner wants it so. */
function findUnnamed(running: RunningPod, defaults: IdentityDefaults): readonly PodFinding[] {
  const containers = findUnnamedTokens(running, defaults);
  if (containers.length === 0) return [];
  const detail = `${containersText(containers)}: a token for AWS is mounted, and no variable names its file`;
  return [podFinding('IRSA008', detail, { containers, severity: 'warning', restart: false })];
}

/** What is wrong with the entry of the mapping that was used. Annotations are looked at by account, used or not. */
function findInMapping({ account, mapping }: IdentityInputs, answer: IdentityAnswer): readonly PodFinding[] {
  if (answer.kind === 'unavailable') return [];
  const problem = mapping.find(account.namespace, account.name)?.roleArnProblem;
  const notices = answer.kind === 'identity' ? answer.identity.notices : answer.notices;
  return notices
    .filter(({ detail }) => detail === problem)
    .map(({ detail }) => ({ ...podFinding('IRSA005', detail, { severity: 'error' }), concerns: 'account' }));
}
