import type { ContainerPlan } from '../injection/container-plan.ts';
import type { Injection } from '../injection/inject.ts';
import { podIdentityLabel, podIdentityLabelValue } from '../injection/parts.ts';
import { isObject, objectAt, ownList, ownObject, type JsonObject } from '../util/json.ts';

/** Returns the pod that is stored when the webhook injects this into it. */
export function createdPod(pod: JsonObject, injection: Injection | undefined): JsonObject {
  if (injection?.kind !== 'inject') return pod;
  const spec = ownObject(pod, 'spec') ?? {};
  const plans = injection.containers;
  const volumes = injection.volume === undefined ? {} : { volumes: [injection.volume, ...ownList(spec, 'volumes')] };
  const containers = { ...injectedList(spec, 'containers', plans), ...injectedList(spec, 'initContainers', plans) };
  const created = { ...pod, spec: { ...spec, ...volumes, ...containers } };
  return injection.addLabel ? { ...created, metadata: labelled(pod) } : created;
}

function labelled(pod: JsonObject): JsonObject {
  const labels = { ...objectAt(pod, 'metadata', 'labels'), [podIdentityLabel]: podIdentityLabelValue };
  return { ...ownObject(pod, 'metadata'), labels };
}

function injectedList(
  spec: JsonObject,
  list: 'containers' | 'initContainers',
  plans: readonly ContainerPlan[],
): JsonObject {
  const byIndex = new Map(
    plans.flatMap(plan =>
      plan.kind === 'inject' && plan.container.list === list ? [[plan.container.index, plan]] : [],
    ),
  );
  if (byIndex.size === 0) return {};
  return { [list]: ownList(spec, list).map((entry, index) => injectedContainer(entry, byIndex.get(index))) };
}

function injectedContainer(entry: unknown, plan: Extract<ContainerPlan, { kind: 'inject' }> | undefined): unknown {
  if (!isObject(entry) || plan === undefined) return entry;
  const { environment, mount } = plan;
  const mounts = mount === undefined ? [] : [mount];
  return {
    ...entry,
    env: [...ownList(entry, 'env'), ...environment],
    volumeMounts: [...ownList(entry, 'volumeMounts'), ...mounts],
  };
}
