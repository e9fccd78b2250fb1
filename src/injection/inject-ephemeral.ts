import type { Identity } from '../identity/identity.ts';
import { planContainer, type ContainerPlan } from './container-plan.ts';
import { complete, leave, limitNotices, planContext, type Injection } from './inject.ts';
import { hasTooManyContainers, readContainers, type Pod } from './pod.ts';
import type { InjectionSettings } from './settings.ts';

/**
 * Plans what new ephemeral containers need (`kubectl debug`, E29). Only those that the old pod does not have, and only
 * when the pod has the token volume: an update can add neither volumes nor anything to a container that exists.
 */
export function planEphemeralInjection(
  pod: Pod,
  oldPod: Pod,
  identity: Identity,
  settings: InjectionSettings,
): Injection {
  const context = planContext(pod, identity, settings);
  const nothing = { context, containers: [], notices: [] };
  if ([pod, oldPod].some(one => hasTooManyContainers(one, ['ephemeralContainers'])))
    return leave('malformed_pod', nothing);
  const existing = new Set(readContainers(oldPod, 'ephemeralContainers').map(container => container?.name));
  const added = readContainers(pod, 'ephemeralContainers').filter(container => container !== undefined);
  const containers: ContainerPlan[] = added
    .filter(container => !existing.has(container.name))
    .map(container => planContainer(container, context));
  if (containers.length === 0) return leave('no_containers', nothing);
  if (!context.volume.exists) return leave('no_token_volume', nothing);
  const notices = limitNotices(containers.flatMap(plan => plan.notices));
  return containers.some(plan => plan.kind === 'inject')
    ? { kind: 'inject', addLabel: false, volume: undefined, context, containers, notices }
    : complete({ context, containers, notices });
}
