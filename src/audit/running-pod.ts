import type { ServiceAccountReference } from '../admission/identity-source.ts';
import { reviewOfCreation, type ReviewRequest } from '../admission/review-request.ts';
import { readAccountName, readSubject, type Subject } from '../admission/subject.ts';
import { entriesOf, readContainers, readList, readPod, type Container, type Pod } from '../injection/pod.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { isObject, listAt, ownField, ownObject, ownString, textAt, type JsonObject } from '../util/json.ts';
import { readVariables, type ContainerVariables } from './container-variables.ts';

/** A container as it runs. */
export interface RunningContainer {
  readonly name: string;
  readonly variables: ContainerVariables;
  /** Names of the volumes that it mounts. */
  readonly volumes: readonly string[];
}

/** A token that a volume of the pod projects. */
export interface RunningToken {
  readonly volume: string;
  /** Empty for that of the API server itself. */
  readonly audience: string;
  readonly expirationSeconds: number | undefined;
  /** Name of the file in the volume. */
  readonly path: string;
}

/** A stored pod that the webhook would look at, if it were created now. */
export interface RunningPod {
  /** The review in which it would be created once more as it is. */
  readonly request: ReviewRequest;
  readonly subject: Subject;
  readonly pod: Pod;
  readonly account: ServiceAccountReference;
  /** It carries the label that has it refused without an identity. */
  readonly requiresIdentity: boolean;
  /** Containers, then init containers; those that are no objects are left out. */
  readonly containers: readonly RunningContainer[];
  readonly tokens: readonly RunningToken[];
}

/** Reads a stored pod; undefined for one that the webhook passes over, by the webhook's own rules. */
export function readRunningPod(object: JsonObject, settings: InjectionSettings): RunningPod | undefined {
  const request = reviewOfCreation(object, { namespace: namespaceOf(object) });
  const found = readSubject(request, settings);
  if (found.kind === 'skip') return undefined;
  const { subject } = found;
  const { pod, account, requiresIdentity } = subject;
  const containers = [...readContainers(pod, 'containers'), ...readContainers(pod, 'initContainers')];
  return {
    request,
    subject,
    pod,
    account,
    requiresIdentity,
    containers: containers.filter(container => container !== undefined).map(readRunningContainer),
    tokens: entriesOf(readList(pod.spec, 'volumes')).filter(isObject).flatMap(readTokens),
  };
}

/** The account of a pod, whatever the webhook would make of it. */
export function accountOfPod(object: JsonObject): ServiceAccountReference {
  return { namespace: namespaceOf(object), name: readAccountName(readPod(object)).name };
}

/** `kubectl` leaves the namespace out for no pod; a manifest written by hand means `default`. */
function namespaceOf(object: JsonObject): string {
  return textAt(object, 'metadata', 'namespace') || 'default';
}

/** What matters to us of one container. */
function readRunningContainer(container: Container): RunningContainer {
  const mounts = entriesOf(container.volumeMounts).filter(isObject);
  return {
    name: container.name,
    variables: readVariables(container),
    volumes: mounts.map(mount => ownString(mount, 'name') ?? ''),
  };
}

function readTokens(volume: JsonObject): readonly RunningToken[] {
  const sources = listAt(volume, 'projected', 'sources').filter(isObject);
  return sources.flatMap(source => {
    const token = ownObject(source, 'serviceAccountToken');
    if (token === undefined) return [];
    const expiration = ownField(token, 'expirationSeconds');
    return [
      {
        volume: ownString(volume, 'name') ?? '',
        audience: ownString(token, 'audience') ?? '',
        expirationSeconds: typeof expiration === 'number' ? expiration : undefined,
        path: ownString(token, 'path') ?? '',
      },
    ];
  });
}
