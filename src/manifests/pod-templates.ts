import { isArray, isObject, ownField, ownString, type JsonObject } from '../util/json.ts';
import type { PathStep } from './parse-manifests.ts';
import type { TemplatePath } from './template-path.ts';

/** A pod, or what pods are made of: an object with the `metadata` and `spec` of a pod. */
export interface PodTemplate {
  /** Where it is in its object; empty for a pod. */
  readonly path: readonly PathStep[];
  readonly template: JsonObject;
}

const inSpec = ['spec', 'template'] as const;

/** The kinds whose objects hold a pod template, by API group; any version of it. */
const knownPaths: readonly TemplatePath[] = [
  { kind: 'Pod', group: '', steps: [] },
  { kind: 'PodTemplate', group: '', steps: ['template'] },
  { kind: 'ReplicationController', group: '', steps: inSpec },
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].flatMap(kind => [
    { kind, group: 'apps', steps: inSpec },
    { kind, group: 'extensions', steps: inSpec },
  ]),
  { kind: 'Job', group: 'batch', steps: inSpec },
  { kind: 'CronJob', group: 'batch', steps: ['spec', 'jobTemplate', 'spec', 'template'] },
  { kind: 'Rollout', group: 'argoproj.io', steps: inSpec },
  { kind: 'Service', group: 'serving.knative.dev', steps: inSpec },
  { kind: 'Configuration', group: 'serving.knative.dev', steps: inSpec },
];

/**
 * The pod templates of an object, by its kind or by these further paths. Empty for an object that makes no pods, and for one
 * whose template is elsewhere, such as a Rollout with a `workloadRef`.
 */
export function findPodTemplates(object: JsonObject, templatePaths: readonly TemplatePath[]): readonly PodTemplate[] {
  const kind = ownString(object, 'kind');
  const group = groupOf(object);
  const found = new Map<string, PodTemplate>();
  for (const path of [...knownPaths, ...templatePaths]) {
    if (path.kind !== kind || (path.group !== undefined && path.group !== group)) continue;
    // Of two paths that lead to the same template, one counts.
    for (const template of templatesAt(object, path.steps)) found.set(template.path.join('/'), template);
  }
  return [...found.values()];
}

/** The API group of an object; empty for the core. */
function groupOf(object: JsonObject): string {
  const apiVersion = ownString(object, 'apiVersion') ?? '';
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

interface Place {
  readonly path: readonly PathStep[];
  readonly value: unknown;
}

function templatesAt(object: JsonObject, steps: readonly string[]): readonly PodTemplate[] {
  let places: readonly Place[] = [{ path: [], value: object }];
  for (const step of steps) places = places.flatMap(place => placesBelow(place, step));
  return places.flatMap(({ path, value }) => (isObject(value) ? [{ path, template: value }] : []));
}

function placesBelow({ path, value }: Place, step: string): readonly Place[] {
  if (isArray(value)) {
    const wanted = value.map((entry, index) => ({ path: [...path, index], value: entry }));
    return step === '*' ? wanted : wanted.filter((_, index) => String(index) === step);
  }
  if (!isObject(value)) return [];
  const keys = step === '*' ? Object.keys(value) : [step];
  return keys.map(key => ({ path: [...path, key], value: ownField(value, key) }));
}
