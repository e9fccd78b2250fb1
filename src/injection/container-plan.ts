import type { Identity } from '../identity/identity.ts';
import type { Notice } from '../identity/notice.ts';
import { isObject, ownString } from '../util/json.ts';
import {
  type EnvironmentVariable,
  identityVariables,
  regionVariables,
  stsVariable,
  type UsualParts,
  variableGroups,
  type VariablesContext,
  type VolumeMount,
} from './parts.ts';
import { entriesOf, type Container } from './pod.ts';
import { chooseTokenMount, type TokenMountContext } from './token-mount.ts';
import { quote } from '../util/text.ts';

/** Why a container needs nothing more. Stable, as are all reasons: metric label, log and documentation use these codes. */
export type CompleteReason = 'already_injected' | 'already_configured';

/** Why a container is left without what it lacks. */
export type LeaveReason = 'skip_containers_annotation' | 'not_in_include_containers_annotation' | 'malformed_container';

/** Why one container is not changed. */
export type ContainerSkipReason = CompleteReason | LeaveReason;

/** What one container lacks, or why it is not changed. */
export type ContainerPlan =
  | {
      readonly kind: 'inject';
      readonly container: Container;
      readonly environment: readonly EnvironmentVariable[];
      readonly mount: VolumeMount | undefined;
      readonly notices: readonly Notice[];
    }
  | {
      readonly kind: 'complete';
      readonly container: Container;
      readonly reason: CompleteReason;
      readonly notices: readonly Notice[];
    }
  | {
      readonly kind: 'leave';
      readonly container: Container | undefined;
      readonly reason: LeaveReason;
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
  if (container.env.kind === 'malformed' || container.volumeMounts.kind === 'malformed') {
    return leaveMalformed(container);
  }
  const present = awsVariables(container);
  const notices = precedenceNotices(container, present, context.identity);
  const mount = chooseTokenMount(container, context);
  if (isConfigured(present, context.identity)) {
    const reason = mount.mountPath === undefined ? 'already_injected' : 'already_configured';
    return { kind: 'complete', container, reason, notices };
  }
  const environment = missingVariables(present, mount.tokenFile, context);
  // Who gives both variables needs our token at the usual path at most; an alternative path would serve nobody.
  const pointless = mount.mountPath !== context.location.mountPath && !environment.some(usesToken(context.identity));
  const mountPath = pointless ? undefined : mount.mountPath;
  if (environment.length === 0 && mountPath === undefined) {
    return { kind: 'complete', container, reason: 'already_injected', notices };
  }
  return {
    kind: 'inject',
    container,
    environment,
    mount: mountPath === undefined ? undefined : mountAt(mountPath, context),
    notices: pointless ? notices : [...notices, ...mount.notices],
  };
}

/** A container whose fields have a type that the API server cannot mean; it is never patched. */
export function leaveMalformed(container: Container | undefined): ContainerPlan {
  const detail = `container ${quote(container?.name ?? '')}: env and volumeMounts must be lists: left as it is`;
  return {
    kind: 'leave',
    container,
    reason: 'malformed_container',
    notices: [{ code: 'malformed_container', detail }],
  };
}

/** Names of the variables that matter, whatever their value or `valueFrom` (E92, E94). `envFrom` cannot be seen (E93). */
export function awsVariables(container: Container): ReadonlySet<string> {
  let names: Set<string> | undefined;
  for (const entry of entriesOf(container.env)) {
    const name = isObject(entry) ? ownString(entry, 'name') : undefined;
    if (name?.startsWith('AWS_') === true) names = (names ?? new Set()).add(name);
  }
  return names ?? noVariables;
}

const noVariables: ReadonlySet<string> = new Set();

/** As in the AWS webhook: identity, region and endpoint all set mean that nothing is wanted, not even the mount (E90). */
function isConfigured(present: ReadonlySet<string>, identity: Identity): boolean {
  const hasIdentity = identityVariables(identity).every(name => present.has(name));
  return hasIdentity && regionVariables.some(name => present.has(name)) && present.has(stsVariable);
}

function mountAt(mountPath: string, { location, usual, volumeName: name }: ContainerPlanContext): VolumeMount {
  return mountPath === location.mountPath ? usual.mount : { name, readOnly: true, mountPath };
}

function missingVariables(
  present: ReadonlySet<string>,
  tokenFile: string,
  context: ContainerPlanContext,
): readonly EnvironmentVariable[] {
  const isUsual = tokenFile === context.tokenFile;
  if (isUsual && present.size === 0) return context.usual.variables;
  const groups = isUsual ? context.usual.groups : variableGroups(context, tokenFile);
  return groups.flatMap(({ rule, variables }) => {
    const missing = variables.filter(variable => !present.has(variable.name));
    return rule === 'all_or_none' && missing.length < variables.length ? [] : missing;
  });
}

function usesToken(identity: Identity): (variable: EnvironmentVariable) => boolean {
  const [, tokenFileVariable] = identityVariables(identity);
  return variable => variable.name === tokenFileVariable;
}

const staticVariables = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_CONFIG_FILE'] as const;

/** What the SDKs take before the identity (E65, E95): injected all the same, but the owner should know. */
function precedenceNotices(container: Container, present: ReadonlySet<string>, identity: Identity): readonly Notice[] {
  if (present.size === 0) return [];
  const where = `container ${quote(container.name)}`;
  const statics = staticVariables.filter(name => present.has(name));
  const notices: Notice[] = [];
  if (statics.length > 0) {
    const detail = `${where} sets ${statics.join(', ')}: the AWS SDKs may use that instead of the injected identity`;
    notices.push({ code: 'static_credentials_take_precedence', detail });
  }
  if (identity.method === 'container_credentials' && present.has('AWS_WEB_IDENTITY_TOKEN_FILE')) {
    const detail = `${where} sets AWS_WEB_IDENTITY_TOKEN_FILE: the AWS SDKs use that instead of container credentials`;
    notices.push({ code: 'web_identity_takes_precedence', detail });
  }
  return notices;
}
