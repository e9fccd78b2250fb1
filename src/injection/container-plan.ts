import type { Identity } from '../identity/identity.ts';
import type { Notice } from '../identity/notice.ts';
import {
  type EnvironmentVariable,
  identityVariables,
  regionVariables,
  sourceOf,
  stsVariable,
  type UsualParts,
  variableGroups,
  type VariablesContext,
  type VolumeMount,
} from './parts.ts';
import { outcomeOf, unknownOutcome, type ContainerOutcome } from './container-outcome.ts';
import type { Container } from './pod.ts';
import { environmentNotices } from './environment-notices.ts';
import { precedenceNotices } from './precedence.ts';
import { chooseTokenMount, servesToken, type TokenMountChoice, type TokenMountContext } from './token-mount.ts';
import { awsVariables, literalOf, type AwsVariables } from './variables.ts';
import { quote } from '../util/text.ts';

/** Why a container needs nothing more. Stable, as are all reasons: metric label, log and documentation use these codes. */
export type CompleteReason = 'already_injected' | 'already_configured';

/** Why a container is left without what it lacks. */
export type LeaveReason = 'skip_containers_annotation' | 'not_in_include_containers_annotation' | 'malformed_container';

/** Why one container is not changed. */
export type ContainerSkipReason = CompleteReason | LeaveReason;

/** What one container lacks, or why it is not changed. */
export type ContainerPlan = (
  | {
      readonly kind: 'inject';
      readonly container: Container;
      readonly environment: readonly EnvironmentVariable[];
      readonly mount: VolumeMount | undefined;
    }
  | { readonly kind: 'complete'; readonly container: Container; readonly reason: CompleteReason }
  | { readonly kind: 'leave'; readonly container: Container | undefined; readonly reason: LeaveReason }
) & {
  /** What the container ends up with. */
  readonly outcome: ContainerOutcome;
  readonly notices: readonly Notice[];
};

/** True for the reasons of a container that needs nothing more, for those who have its reason alone. */
export function isComplete(reason: ContainerSkipReason): reason is CompleteReason {
  return reason === 'already_injected' || reason === 'already_configured';
}

/** What is to be injected into every container of one pod. */
export interface ContainerPlanContext extends TokenMountContext, VariablesContext {
  /** What a container gets whose token lies at the usual path, as it does in nearly all. */
  readonly usual: UsualParts;
}

/** What this container lacks. Only additions; a variable that it defines in any way stays (E90–E98). */
export function planContainer(container: Container, context: ContainerPlanContext): ContainerPlan {
  if (isMalformed(container)) return leaveMalformed(container);
  const present = awsVariables(container);
  const mount = chooseTokenMount(container, context, namedTokenFile(present, context));
  const partial = partialIdentity(container, present, mount, context);
  const isSettled = isConfigured(present, context.identity) && !mount.isNeeded;
  const environment = isSettled ? [] : missingVariables(present, partial.isCompleted, mount.tokenFile, context);
  const outcome = outcomeOf(container, present, environment, context);
  const notices = [
    ...precedenceNotices(container, present, context.identity),
    ...partial.notices,
    ...roleNotices(container, outcome, context.identity),
    ...(isSettled ? [] : environmentNotices(container, present, environment, context)),
  ];
  if (isSettled) {
    const reason = mount.mountPath === undefined ? 'already_injected' : 'already_configured';
    return { kind: 'complete', container, reason, outcome, notices };
  }
  // Who gives both variables needs our token at the usual path at most; an alternative path would serve nobody.
  const pointless = mount.mountPath !== context.location.mountPath && !environment.some(usesToken(context.identity));
  const mountPath = pointless ? undefined : mount.mountPath;
  if (environment.length === 0 && mountPath === undefined) {
    return { kind: 'complete', container, reason: 'already_injected', outcome, notices };
  }
  return {
    kind: 'inject',
    container,
    environment,
    mount: mountPath === undefined ? undefined : mountAt(mountPath, context),
    outcome,
    notices: pointless || mount.notices.length === 0 ? notices : [...notices, ...mount.notices],
  };
}

/** A container that its pod's owner leaves out. */
export function leaveOut(container: Container, reason: LeaveReason, context: ContainerPlanContext): ContainerPlan {
  const outcome = isMalformed(container) ? unknownOutcome : outcomeOf(container, awsVariables(container), [], context);
  return { kind: 'leave', container, reason, outcome, notices: [] };
}

function isMalformed({ env, volumeMounts }: Container): boolean {
  return env.kind === 'malformed' || volumeMounts.kind === 'malformed';
}

/** A container whose fields have a type that the API server cannot mean; it is never patched. */
export function leaveMalformed(container: Container | undefined): ContainerPlan {
  const detail = `container ${quote(container?.name ?? '')}: env and volumeMounts must be lists: left as it is`;
  return {
    kind: 'leave',
    container,
    reason: 'malformed_container',
    outcome: unknownOutcome,
    notices: [{ code: 'malformed_container', detail }],
  };
}

/** As in the AWS webhook: identity, region and endpoint all set mean that nothing is wanted, not even the mount (E90). */
function isConfigured(present: AwsVariables, identity: Identity): boolean {
  const hasIdentity = identityVariables(identity).every(name => present.has(name));
  return hasIdentity && regionVariables.some(name => present.has(name)) && present.has(stsVariable);
}

/** The token file that the container names itself, where that is known. */
function namedTokenFile(present: AwsVariables, { identity }: ContainerPlanContext): string | undefined {
  return present.size === 0 ? undefined : literalOf(present.get(identityVariables(identity)[1]));
}

/** A container that brings variables and token of another role keeps it, as a pod does that was restored elsewhere. */
function roleNotices({ name }: Container, outcome: ContainerOutcome, identity: Identity): readonly Notice[] {
  if (outcome.kind !== 'role' || identity.method !== 'web_identity') return [];
  const detail = `container ${quote(name)} has the role ${outcome.role}, and its ServiceAccount ${identity.roleArn.value}`;
  return [{ code: 'role_differs', detail }];
}

/** What becomes of a container that sets one of the two variables of its identity. */
interface PartialIdentity {
  /** The other variable is added. */
  readonly isCompleted: boolean;
  readonly notices: readonly Notice[];
}

const noPartialIdentity: PartialIdentity = { isCompleted: false, notices: [] };

/**
 * The other variable is added only where the one that is there is certainly of this identity: an SDK that finds half of
 * something else goes on to its next source, and fails for good once there are two halves (E91, E92, E94).
 */
function partialIdentity(
  container: Container,
  present: AwsVariables,
  mount: TokenMountChoice,
  context: ContainerPlanContext,
): PartialIdentity {
  if (present.size === 0 || context.settings.partialIdentityEnv === 'keep') return noPartialIdentity;
  const [source, tokenFile] = identityVariables(context.identity);
  if (present.has(source) === present.has(tokenFile)) return noPartialIdentity;
  const [set, missing] = present.has(source) ? [source, tokenFile] : [tokenFile, source];
  const value = literalOf(present.get(set));
  const isOurs = set === source ? value === sourceOf(context) : isOurToken(value, container, mount, context);
  if (isOurs) return { isCompleted: true, notices: [] };
  const where = `container ${quote(container.name)}`;
  const detail = `${where} sets ${set} ${otherValueText(value, set === source)}: ${missing} is not added`;
  return { isCompleted: false, notices: [{ code: 'partial_identity', detail }] };
}

/** A value of the pod's owner is not repeated. */
function otherValueText(value: string | undefined, isSource: boolean): string {
  if (value === undefined) return 'by a reference, whose value is not known here';
  if (value === '') return 'to nothing';
  return isSource ? 'to a value that is not of its identity' : 'to a file that does not hold the token of its identity';
}

function isOurToken(
  file: string | undefined,
  container: Container,
  mount: TokenMountChoice,
  context: ContainerPlanContext,
): boolean {
  if (file === undefined || file === '') return false;
  return mount.isNeeded || servesToken(file, container, context);
}

function mountAt(mountPath: string, { location, usual, volumeName: name }: ContainerPlanContext): VolumeMount {
  return mountPath === location.mountPath ? usual.mount : { name, readOnly: true, mountPath };
}

function missingVariables(
  present: AwsVariables,
  completesIdentity: boolean,
  tokenFile: string,
  context: ContainerPlanContext,
): readonly EnvironmentVariable[] {
  const isUsual = tokenFile === context.tokenFile;
  if (isUsual && present.size === 0) return context.usual.variables;
  const groups = isUsual ? context.usual.groups : variableGroups(context, tokenFile);
  return groups.flatMap(({ rule, variables }) => {
    const missing = variables.filter(variable => !present.has(variable.name));
    if (missing.length === variables.length || rule === 'each') return missing;
    return rule === 'identity' && completesIdentity ? missing : [];
  });
}

function usesToken(identity: Identity): (variable: EnvironmentVariable) => boolean {
  const [, tokenFileVariable] = identityVariables(identity);
  return variable => variable.name === tokenFileVariable;
}
