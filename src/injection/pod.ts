import { isArray, isObject, ownField, ownObject, ownString, type JsonObject } from '../util/json.ts';

/** A list field of an object as received. Absent and `null` are the same to the API server, but not to JSON Patch (E70). */
export type ListField =
  | { readonly kind: 'absent' }
  | { readonly kind: 'list'; readonly entries: readonly unknown[] }
  | { readonly kind: 'malformed' };

export type ContainerList = 'containers' | 'initContainers' | 'ephemeralContainers';

/** One container as received: its place in the pod, and the fields that we look at. */
export interface Container {
  readonly list: ContainerList;
  readonly index: number;
  /** Empty when it has none (E111). */
  readonly name: string;
  readonly env: ListField;
  readonly volumeMounts: ListField;
  readonly volumeDevices: readonly unknown[];
  /** Variables come from elsewhere too, and cannot be seen (E93). */
  readonly hasEnvFrom: boolean;
}

/** The parts of a pod that we look at. Everything else stays unread, and so unchanged (E74). */
export interface Pod {
  readonly name: string;
  readonly generateName: string;
  readonly hasMetadata: boolean;
  /** Undefined when absent or `null`; `malformed` when there is something that no label can be added to. */
  readonly labels: JsonObject | 'malformed' | undefined;
  readonly annotations: JsonObject | undefined;
  readonly spec: JsonObject;
}

const nothing: JsonObject = Object.freeze({});

/** Reads `request.object`. Fields of an unexpected type read as absent: the API server judges them, not we (E12). */
export function readPod(object: JsonObject): Pod {
  const metadata = ownField(object, 'metadata');
  const named = isObject(metadata) ? metadata : nothing;
  return {
    name: ownString(named, 'name') ?? '',
    generateName: ownString(named, 'generateName') ?? '',
    hasMetadata: isObject(metadata),
    labels: isObject(metadata) || isAbsent(metadata) ? readLabels(named) : 'malformed',
    annotations: ownObject(named, 'annotations'),
    spec: ownObject(object, 'spec') ?? nothing,
  };
}

function readLabels(metadata: JsonObject): Pod['labels'] {
  const labels = ownField(metadata, 'labels');
  if (isAbsent(labels)) return undefined;
  return isObject(labels) ? labels : 'malformed';
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** A list field, told apart into the three cases that a patch has to know. */
export function readList(object: JsonObject, field: string): ListField {
  const value = ownField(object, field);
  if (isAbsent(value)) return { kind: 'absent' };
  return isArray(value) ? { kind: 'list', entries: value } : { kind: 'malformed' };
}

/** The entries of a list field; none when it is absent or malformed. */
export function entriesOf(field: ListField): readonly unknown[] {
  return field.kind === 'list' ? field.entries : [];
}

/** The containers of one list, by their place in it; undefined for an entry that is no object. */
export function readContainers(pod: Pod, list: ContainerList): readonly (Container | undefined)[] {
  return entriesOf(readList(pod.spec, list)).map((entry, index) =>
    isObject(entry) ? readContainer(entry, list, index) : undefined,
  );
}

function isNonEmptyList(value: unknown): boolean {
  return isArray(value) && value.length > 0;
}

function readContainer(entry: JsonObject, list: ContainerList, index: number): Container {
  return {
    list,
    index,
    name: ownString(entry, 'name') ?? '',
    env: readList(entry, 'env'),
    volumeMounts: readList(entry, 'volumeMounts'),
    volumeDevices: entriesOf(readList(entry, 'volumeDevices')),
    hasEnvFrom: isNonEmptyList(ownField(entry, 'envFrom')),
  };
}

/**
 * More cannot be stored: etcd takes objects of 1.5 MiB, and the smallest container with its defaults, its field managers
 * and what is injected has about 440 bytes (3,500). Without a limit, a body of 1 MB of `{}` had an answer of 163 MB.
 */
const maxContainers = 4_000;

/** Whether the lists together hold more containers than any pod that can be stored. */
export function hasTooManyContainers(pod: Pod, lists: readonly ContainerList[]): boolean {
  return countContainers(pod, lists) > maxContainers;
}

/** How many entries the lists have together. */
export function countContainers(pod: Pod, lists: readonly ContainerList[] = allLists): number {
  return lists.reduce((sum, list) => sum + entriesOf(readList(pod.spec, list)).length, 0);
}

const allLists: readonly ContainerList[] = ['containers', 'initContainers', 'ephemeralContainers'];
