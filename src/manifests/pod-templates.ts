import { isArray, isObject, ownField, ownString, type JsonObject } from '../util/json.ts';
import type { PathStep } from './parse-manifests.ts';
import { quote } from '../util/text.ts';

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

/** Where objects of a kind hold pod templates. */
export interface TemplatePath {
  readonly kind: string;
  /** The API group, empty for the core; undefined means any. */
  readonly group: string | undefined;
  /** Keys from the object to the template; `*` stands for every entry of a list and every value of an object. */
  readonly steps: readonly string[];
}

/** Enough for every kind there is; a path that is longer was not meant. */
const maxSteps = 32;

/**
 * Reads `KIND=PATH` or `KIND.GROUP=PATH` with a path such as `spec.template` or `spec.replicatedJobs[*].template`. Gives the
 * problem as a text.
 */
export function parseTemplatePath(text: string): TemplatePath | string {
  const match = /^(?<kind>[A-Za-z][A-Za-z0-9]*)(?:\.(?<group>[a-z0-9.-]+))?=(?<path>.+)$/.exec(text);
  const { kind, group, path } = match?.groups ?? {};
  if (kind === undefined || path === undefined) {
    return `expected KIND=PATH as in Workflow=spec.podTemplate, found ${quote(text)}`;
  }
  const steps = path.replaceAll('[*]', '.*').replace(/^\./, '').split('.');
  if (steps.length > maxSteps) return `expected a path of at most ${maxSteps} keys, found ${steps.length}`;
  if (steps.every(isStep)) return { kind, group, steps };
  return `expected keys between dots, and [*] for every entry of a list, found ${quote(path)}`;
}

function isStep(step: string): boolean {
  return step === '*' || /^[^\s[\]*]+$/.test(step);
}
