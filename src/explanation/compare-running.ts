import type { IdentityAnswer, Identity } from '../identity/identity.ts';
import { roleArnProblem } from '../identity/role-arn.ts';
import type { ContainerPlan } from '../injection/container-plan.ts';
import { awsVariables } from '../injection/variables.ts';
import type { Injection } from '../injection/inject.ts';
import { identityVariables } from '../injection/parts.ts';
import { entriesOf, readContainers, type Container, type Pod } from '../injection/pod.ts';
import { isObject, ownString } from '../util/json.ts';
import type { RunningCause, RunningComparison, SourceName } from './explanation.ts';
import { causesOfMissing, roleWrite, type RunningEvidence } from './running-causes.ts';
import { nounFor, quote } from '../util/text.ts';

export interface RunningInput {
  readonly pod: Pod;
  /** `metadata.creationTimestamp`; empty where it has none. */
  readonly created: string;
  readonly answer: IdentityAnswer;
  /** What the pod lacks now; undefined where it would get nothing. */
  readonly injection: Injection | undefined;
  /** Sources of roles that cannot be seen and may say something else. */
  readonly unseen: readonly SourceName[];
  readonly evidence: RunningEvidence;
}

/** What a running pod has beside what it would get if it were created now, and why they differ. */
export function compareRunning(input: RunningInput): RunningComparison {
  const { answer, injection, created } = input;
  const result =
    answer.kind === 'identity' && injection !== undefined
      ? compareIdentity(answer.identity, injection, input)
      : compareNone(input);
  return { created, ...result };
}

type Result = Omit<RunningComparison, 'created'>;

function compareNone({ pod, unseen }: RunningInput): Result {
  const holders = containersOf(pod).filter(container => methodOf(container) !== undefined);
  if (holders.length === 0) {
    const detail = 'the pod has no identity, and would get none if it were created now';
    return { code: 'has_none_and_would_get_none', detail, causes: [] };
  }
  const detail = `${listNames(holders)} of this pod has an identity, and would get none if it were created now`;
  const removed = "the role was taken away since, or the variables are those of the pod's own template";
  const causes: readonly RunningCause[] =
    unseen.length > 0 ? [hidden(unseen)] : [{ code: 'role_removed_since', detail: removed }];
  return { code: 'unexpected', detail, causes };
}

function hidden(unseen: readonly SourceName[]): RunningCause {
  return { code: 'unknown', detail: `the ${unseen.join(' or the ')} may give it, which cannot be seen from here` };
}

function compareIdentity(identity: Identity, injection: Injection, input: RunningInput): Result {
  const stale = staleContainers(identity, injection);
  if (stale.length > 0) return staleRole(identity, stale, input);
  const lacking = injection.containers.filter(plan => lacksIdentity(plan, identity));
  const others = lacking
    .flatMap(({ container }) => container ?? [])
    .filter(container => hasOtherMethod(container, identity));
  if (others.length > 0) return otherMethod(others, input);
  if (lacking.length > 0) return missing(lacking, injection, input);
  if (injection.containers.every(plan => !isTarget(plan))) {
    const detail = 'the pod has no identity, and would get none if it were created now: every container is left out';
    return { code: 'has_none_and_would_get_none', detail, causes: [] };
  }
  const added = addedVariables(injection);
  if (added.length === 0) return { code: 'as_it_would_be', detail: 'the pod has what it would get now', causes: [] };
  const detail = `the pod has its identity; created now it would also get ${added.join(', ')}`;
  return { code: 'settings_differ', detail, causes: [] };
}

/** It lacks the variables of the method of now, and has those of the other. */
function otherMethod(containers: readonly Container[], { unseen, evidence }: RunningInput): Result {
  const now = evidence.source === 'association' ? 'container credentials' : 'a web identity';
  const detail = `${listNames(containers)} of this pod has another kind of identity; created now it would get ${now}`;
  const since: RunningCause = { code: 'role_changed_since', detail: 'the account was given the other kind since' };
  return { code: 'other_method', detail, causes: [unseen.includes('association') ? hidden(['association']) : since] };
}

function isTarget(plan: ContainerPlan): boolean {
  return plan.kind !== 'leave';
}

function lacksIdentity(plan: ContainerPlan, identity: Identity): boolean {
  if (plan.kind !== 'inject') return false;
  const names = identityVariables(identity);
  return plan.mount !== undefined || plan.environment.some(({ name }) => names.includes(name));
}

function addedVariables({ containers }: Injection): readonly string[] {
  const added = containers.flatMap(plan => (plan.kind === 'inject' ? plan.environment.map(({ name }) => name) : []));
  return [...new Set(added)];
}

function missing(lacking: readonly ContainerPlan[], injection: Injection, input: RunningInput): Result {
  const targets = injection.containers.filter(isTarget);
  const { created, evidence } = input;
  const causes = causesOfMissing(created, evidence);
  const code = evidence.hook?.code;
  if (lacking.length === targets.length) {
    const isAsked = code !== 'not_installed' && code !== 'not_selected';
    const now = isAsked ? 'it would get one if it were created now' : 'its ServiceAccount has one';
    return { code: 'missing', detail: `the pod has no identity, although ${now}`, causes };
  }
  const names = listNames(lacking.flatMap(({ container }) => container ?? []));
  const late: RunningCause = {
    code: 'container_added_after_the_hook',
    detail: `another webhook added ${names} after this one was asked`,
  };
  return { code: 'partial', detail: `${names} has no identity, other containers of the pod have`, causes: [late] };
}

function staleContainers(identity: Identity, { containers }: Injection): readonly Container[] {
  if (identity.method !== 'web_identity') return [];
  return containers.filter(isTarget).flatMap(({ container }) => {
    const role = container === undefined ? undefined : roleOf(container);
    return container === undefined || role === undefined || role === identity.roleArn.value ? [] : [container];
  });
}

function staleRole(identity: Identity, stale: readonly Container[], { created, evidence }: RunningInput): Result {
  const now = identity.method === 'web_identity' ? shownRole(identity.roleArn.value) : '';
  const roles = [...new Set(stale.map(container => shownRole(roleOf(container) ?? '')))].join(', ');
  const detail = `${listNames(stale)} has ${roles}; created now it would have ${now}`;
  const write = roleWrite(evidence);
  const isLater = write !== undefined && created !== '' && write.time > created;
  const cause: RunningCause = isLater
    ? {
        code: 'role_changed_since',
        detail: `${write.what} was last written at ${write.time}, after the pod was created at ${created}`,
      }
    : { code: 'unknown', detail: "the role was changed since, or the pod's own template sets it" };
  return { code: 'stale_role', detail, causes: [cause] };
}

/** A value of the pod is shown only where it is the ARN of a role, which is no secret. */
function shownRole(role: string): string {
  return roleArnProblem(role) === undefined ? `the role ${role}` : 'a role that is no ARN';
}

/** The literal value of `AWS_ROLE_ARN`; undefined where it is not there, or comes from elsewhere. */
function roleOf({ env }: Container): string | undefined {
  const entry = entriesOf(env)
    .filter(isObject)
    .findLast(variable => ownString(variable, 'name') === 'AWS_ROLE_ARN');
  return entry === undefined ? undefined : ownString(entry, 'value');
}

function containersOf(pod: Pod): readonly Container[] {
  return [...readContainers(pod, 'containers'), ...readContainers(pod, 'initContainers')].flatMap(found => found ?? []);
}

const methods = ['web_identity', 'container_credentials'] as const;

function methodOf(container: Container): Identity['method'] | undefined {
  const present = awsVariables(container);
  return methods.find(method => identityVariables({ method }).every(name => present.has(name)));
}

function hasOtherMethod(container: Container, identity: Identity): boolean {
  const method = methodOf(container);
  return method !== undefined && method !== identity.method;
}

function listNames(containers: readonly Container[]): string {
  const names = containers.map(({ name }) => quote(name)).join(', ');
  return `${nounFor(containers.length, 'container')} ${names}`;
}
