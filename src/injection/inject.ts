import type { Identity } from '../identity/identity.ts';
import { misplacedOnPod } from '../identity/misplaced-annotations.ts';
import type { Notice } from '../identity/notice.ts';
import { cleanPath } from '../go/path.ts';
import { isObject, ownField } from '../util/json.ts';
import {
  leaveMalformed,
  leaveOut,
  planContainer,
  type CompleteReason,
  type ContainerPlan,
  type ContainerPlanContext,
} from './container-plan.ts';
import {
  planPodLabel,
  type ProjectedTokenVolume,
  sessionNameVariable,
  tokenLocation,
  tokenVolume,
  usualParts,
} from './parts.ts';
import { isWindowsPod, toWindowsPath } from './operating-system.ts';
import { chooseTokenVolume, podExpiration, readVolumes, type TokenVolumeChoice } from './token-volume.ts';
import { entriesOf, hasTooManyContainers, readContainers, readList, type Container, type Pod } from './pod.ts';
import { absolutePath } from './mount-paths.ts';
import type { InjectionSettings } from './settings.ts';
import { readTargetContainers, type TargetContainers } from './target-containers.ts';

/** Why a pod is left without what it lacks. */
export type PodLeaveReason =
  | 'all_containers_skipped'
  | 'no_containers'
  /** A field of a type that cannot be meant, or more containers than can be stored. */
  | 'malformed_pod'
  /** An ephemeral container in a pod without the token volume, which an update cannot add (E29). */
  | 'no_token_volume';

/** What a pod whose identity is known lacks, or why it is not changed. Only additions (decision 1). */
export type Injection = (
  | { readonly kind: 'inject'; readonly addLabel: boolean; readonly volume: ProjectedTokenVolume | undefined }
  | { readonly kind: 'complete'; readonly reason: CompleteReason }
  | { readonly kind: 'leave'; readonly reason: PodLeaveReason }
) &
  Planned;

/** What every injection has. */
interface Planned {
  /** What the plan rests on. */
  readonly context: PlanContext;
  readonly containers: readonly ContainerPlan[];
  readonly notices: readonly Notice[];
}

/**
 * Plans what this pod needs to use this identity. `random` gives numbers in [0, 1) and spreads the default lifetime of
 * container credentials (E126). Reads the pod, never changes it; takes any JSON.
 */
export function planInjection(
  pod: Pod,
  identity: Identity,
  settings: InjectionSettings,
  random: () => number,
): Injection {
  const context = planContext(pod, identity, settings);
  if (isMalformed(pod)) return leave('malformed_pod', { context, containers: [], notices: identity.notices });
  const containers = [...readContainers(pod, 'containers'), ...readContainers(pod, 'initContainers')];
  if (containers.length === 0) return leave('no_containers', { context, containers: [], notices: identity.notices });
  const targets = readTargetContainers(pod, settings.annotationPrefix, containers);
  const plans = containers.map(container => planOne(container, context, targets.skipReason));
  if (plans.every(plan => plan.kind === 'leave')) {
    const notices = [...identity.notices, ...targets.notices];
    return leave('all_containers_skipped', { context, containers: plans, notices });
  }
  const label = planPodLabel(pod, identity);
  const notices = [
    ...identity.notices,
    ...misplacedOnPod(pod.annotations, settings.annotationPrefix),
    ...targets.notices,
    ...label.notices,
    ...plans.flatMap(plan => plan.notices),
  ];
  const needsVolume = !context.volume.exists && plans.some(plan => mountsVolume(plan, context.volumeName));
  const volume = needsVolume ? planVolume(pod, context, random) : undefined;
  const injects = label.kind === 'add' || volume !== undefined || plans.some(plan => plan.kind === 'inject');
  if (!injects) return complete({ context, containers: plans, notices });
  return {
    kind: 'inject',
    addLabel: label.kind === 'add',
    volume: volume?.add,
    context,
    containers: plans,
    notices: limitNotices([...notices, ...(volume?.notices ?? [])]),
  };
}

function isMalformed(pod: Pod): boolean {
  return (
    readList(pod.spec, 'volumes').kind === 'malformed' || hasTooManyContainers(pod, ['containers', 'initContainers'])
  );
}

/** An injection that leaves the pod without what it lacks. */
export function leave(reason: PodLeaveReason, { context, containers, notices }: Planned): Injection {
  return { kind: 'leave', reason, context, containers, notices: limitNotices(notices) };
}

/** An injection of a pod that needs nothing more. */
export function complete({ context, containers, notices }: Planned): Injection {
  const isConfigured = containers.some(plan => plan.kind === 'complete' && plan.reason === 'already_configured');
  const reason = isConfigured ? 'already_configured' : 'already_injected';
  return { kind: 'complete', reason, context, containers, notices: limitNotices(notices) };
}

/** What the plan of a pod rests on, beside its containers. */
export interface PlanContext extends ContainerPlanContext {
  readonly audience: string;
  readonly volume: TokenVolumeChoice;
}

/** What one ephemeral container of this pod would be given, or the whole pod: the same for both. */
export function planContext(pod: Pod, identity: Identity, settings: InjectionSettings): PlanContext {
  const location = tokenLocation(identity, settings);
  const audience = identity.audience.value;
  const volumes = readVolumes(entriesOf(readList(pod.spec, 'volumes')), audience);
  const volume = chooseTokenVolume(volumes, location);
  const hasSessionName = settings.roleSessionName === 'pod' && identity.method === 'web_identity';
  const sessionName = hasSessionName ? sessionNameVariable(pod) : undefined;
  const tokenFile = cleanPath(`${location.mountPath}/${location.tokenPath}`);
  const windows = isWindowsPod(pod);
  const usualMount = { name: volume.name, readOnly: true, mountPath: location.mountPath } as const;
  return {
    identity,
    settings,
    location,
    usualPlace: absolutePath(location.mountPath, windows),
    audience,
    tokenFile,
    volumes,
    volume,
    volumeName: volume.name,
    windows,
    sessionName,
    usual: usualParts({ identity, settings, sessionName, windows }, tokenFile, usualMount),
  };
}

/** The token file in a mount at the usual path, as the container sees it. */
export function tokenFileInContainer({ tokenFile, windows }: PlanContext): string {
  return windows ? toWindowsPath(tokenFile) : tokenFile;
}

function planOne(
  container: Container | undefined,
  context: ContainerPlanContext,
  skipReason: TargetContainers['skipReason'],
): ContainerPlan {
  if (container === undefined) return leaveMalformed(container);
  const reason = skipReason(container.name);
  return reason === undefined ? planContainer(container, context) : leaveOut(container, reason, context);
}

/** True when the container will have a mount of the token volume: a new one, or one that its owner wrote. */
function mountsVolume(plan: ContainerPlan, volumeName: string): boolean {
  if (plan.kind === 'leave') return false;
  if (plan.kind === 'inject' && plan.mount !== undefined) return true;
  return entriesOf(plan.container.volumeMounts).some(
    mount => isObject(mount) && ownField(mount, 'name') === volumeName,
  );
}

function planVolume(
  pod: Pod,
  context: PlanContext,
  random: () => number,
): { readonly add: ProjectedTokenVolume; readonly notices: readonly Notice[] } {
  const { identity, settings, location, audience, volume } = context;
  const { expiration, notices } = podExpiration(pod, identity, settings.annotationPrefix, random);
  const add = tokenVolume(volume.name, audience, expiration.value, location.tokenPath);
  return { add, notices: [...volume.notices, ...notices] };
}

/** Ten become warnings and one a minute is logged; the rest of a pod that gives cause for more would only cost memory. */
const maxNotices = 100;

export function limitNotices(notices: readonly Notice[]): readonly Notice[] {
  return notices.length > maxNotices ? notices.slice(0, maxNotices) : notices;
}
