import type { ContainerPlan } from './container-plan.ts';
import {
  type EnvironmentVariable,
  podIdentityLabel,
  podIdentityLabelValue,
  type ProjectedTokenVolume,
  type VolumeMount,
} from './parts.ts';
import { readList, type ListField, type Pod } from './pod.ts';

/** An RFC 6902 operation. Only `add`: a failing `test` or a missing parent rejects the pod even under `Ignore` (E70, E73). */
export interface AddOperation {
  readonly op: 'add';
  readonly path: string;
  readonly value: unknown;
}

/** What a patch is made of; `Injection` of kind `inject` fits. */
export interface PatchContent {
  readonly addLabel: boolean;
  readonly volume: ProjectedTokenVolume | undefined;
  readonly containers: readonly ContainerPlan[];
}

/**
 * The patch of a planned injection, for exactly the pod that was planned for. Order as the AWS webhook's: label, volume
 * (first in its list), containers, init containers (E76). Every operation applies to the pod as received.
 */
export function toPatch(pod: Pod, content: PatchContent): readonly AddOperation[] {
  const operations: AddOperation[] = [];
  if (content.addLabel) operations.push(labelOperation(pod));
  if (content.volume !== undefined) operations.push(volumeOperation(readList(pod.spec, 'volumes'), content.volume));
  for (const plan of content.containers) {
    if (plan.kind === 'inject') operations.push(...containerOperations(plan));
  }
  return operations;
}

/**
 * The operations as JSON, the same text as `JSON.stringify` has for them, in half of the time: values that occur several
 * times, as one variable in each container, are rendered once. Paths hold nothing that has to be escaped.
 */
export function toPatchText(operations: readonly AddOperation[]): string {
  const rendered = new Map<unknown, string>();
  let text = '';
  for (const { path, value } of operations) {
    const known = rendered.get(value);
    const valueText = known ?? JSON.stringify(value);
    if (known === undefined) rendered.set(value, valueText);
    text += `${text === '' ? '' : ','}{"op":"add","path":"${path}","value":${valueText}}`;
  }
  return `[${text}]`;
}

function add(path: string, value: unknown): AddOperation {
  return { op: 'add', path, value };
}

function labelOperation(pod: Pod): AddOperation {
  const labels = { [podIdentityLabel]: podIdentityLabelValue };
  if (!pod.hasMetadata) return add('/metadata', { labels });
  if (pod.labels === undefined) return add('/metadata/labels', labels);
  return add(`/metadata/labels/${escapePointer(podIdentityLabel)}`, podIdentityLabelValue);
}

function volumeOperation(volumes: ListField, volume: ProjectedTokenVolume): AddOperation {
  return volumes.kind === 'list' ? add('/spec/volumes/0', volume) : add('/spec/volumes', [volume]);
}

function containerOperations(plan: Extract<ContainerPlan, { kind: 'inject' }>): readonly AddOperation[] {
  const { container, environment, mount } = plan;
  const path = `/spec/${container.list}/${container.index}`;
  return [
    ...appendOperations(`${path}/env`, container.env, environment),
    ...appendOperations(`${path}/volumeMounts`, container.volumeMounts, mount === undefined ? [] : [mount]),
  ];
}

/** Appends to a list that is there, else creates it with one operation (E70, E71). */
function appendOperations(
  path: string,
  field: ListField,
  values: readonly (EnvironmentVariable | VolumeMount)[],
): readonly AddOperation[] {
  if (values.length === 0) return [];
  return field.kind === 'list' ? values.map(value => add(`${path}/-`, value)) : [add(path, values)];
}

/** RFC 6901 section 3: `~` becomes `~0`, `/` becomes `~1` (E72). */
function escapePointer(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
