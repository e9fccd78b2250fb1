import type { ServiceAccountReference } from '../admission/identity-source.ts';
import { reviewOfCreation, type ReviewRequest } from '../admission/review-request.ts';
import { readAccountName, readSubject, type Subject } from '../admission/subject.ts';
import { cleanPath } from '../go/path.ts';
import { entriesOf, readContainers, readList, readPod, type Container, type Pod } from '../injection/pod.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { literalOf } from '../injection/variables.ts';
import { isObject, listAt, ownField, ownList, ownObject, ownString, textAt, type JsonObject } from '../util/json.ts';

/** A stored pod that the webhook would look at, if it were created now. */
export interface RunningPod {
  /** The review in which it would be created once more as it is. */
  readonly request: ReviewRequest;
  readonly subject: Subject;
  readonly pod: Pod;
  readonly account: ServiceAccountReference;
  /** It carries the label that has it refused without an identity. */
  readonly requiresIdentity: boolean;
  /** Containers, then init containers, as a plan has them; undefined for an entry that is no object. */
  readonly containers: readonly (RunningContainer | undefined)[];
  readonly tokens: readonly RunningToken[];
}

/** A container as it runs. */
export interface RunningContainer {
  readonly name: string;
  readonly variables: ContainerVariables;
  /** Names of the volumes that it mounts. */
  readonly volumes: readonly string[];
  /** True when more variables come from objects that are not looked at. */
  readonly hasEnvFrom: boolean;
  /** Returns what the container finds at this path, Unix or Windows. */
  readonly tokenAt: (path: string) => TokenFile;
}

/** What lies at a path at which a container looks for a token. */
export type TokenFile =
  | { readonly kind: 'token'; readonly token: RunningToken }
  /** Some other volume is mounted there, and what it holds cannot be seen. */
  | { readonly kind: 'unseen' }
  /** No volume is mounted there. */
  | { readonly kind: 'absent' };

/** A token that a volume of the pod projects. */
export interface RunningToken {
  readonly volume: string;
  /** Empty for that of the API server itself. */
  readonly audience: string;
  readonly expirationSeconds: number | undefined;
  /** Name of the file in the volume. */
  readonly path: string;
}

/** The variables of a running container that matter to AWS. Values of others are never looked at. */
export interface ContainerVariables {
  has(name: string): boolean;
  /** The literal value, of a repeated variable the last, which counts; undefined when it comes from elsewhere or is absent. */
  value(name: string): string | undefined;
  /** Names in the order in which they count, each once. */
  readonly names: readonly string[];
  /** Names that are there more than once. */
  readonly repeated: readonly string[];
}

/** Reads a stored pod; undefined for one that the webhook passes over, by the webhook's own rules. */
export function readRunningPod(
  object: JsonObject,
  settings: InjectionSettings,
  namespace: string = namespaceOf(object),
): RunningPod | undefined {
  const request = reviewOfCreation(object, { namespace });
  const found = readSubject(request, settings);
  if (found.kind === 'skip') return undefined;
  const { subject } = found;
  const { pod, account, requiresIdentity } = subject;
  const volumes = volumesOf(pod);
  const containers = [...readContainers(pod, 'containers'), ...readContainers(pod, 'initContainers')];
  return {
    request,
    subject,
    pod,
    account,
    requiresIdentity,
    containers: containers.map(container => container && readRunningContainer(container, pod, volumes)),
    tokens: entriesOf(readList(pod.spec, 'volumes')).filter(isObject).flatMap(readTokens),
  };
}

/** The account of a pod, whatever the webhook would decide about it. */
export function accountOfPod(object: JsonObject): ServiceAccountReference {
  return { namespace: namespaceOf(object), name: readAccountName(readPod(object)).name };
}

/** `kubectl` leaves the namespace out for no pod; a manifest written by hand means `default`. */
function namespaceOf(object: JsonObject): string {
  return textAt(object, 'metadata', 'namespace') || 'default';
}

/** By name; of two of one name the first counts. */
function volumesOf(pod: Pod): ReadonlyMap<string, JsonObject> {
  const volumes = entriesOf(readList(pod.spec, 'volumes')).filter(isObject);
  return new Map(volumes.map(volume => [ownString(volume, 'name') ?? '', volume] as const).reverse());
}

function readRunningContainer(
  container: Container,
  pod: Pod,
  volumes: ReadonlyMap<string, JsonObject>,
): RunningContainer {
  const mounts = entriesOf(container.volumeMounts).filter(isObject);
  const entry = ownList(pod.spec, container.list)[container.index];
  return {
    name: container.name,
    variables: readVariables(container),
    volumes: mounts.map(mount => ownString(mount, 'name') ?? ''),
    hasEnvFrom: isObject(entry) && ownList(entry, 'envFrom').length > 0,
    tokenAt: path => tokenAt(unixPath(path), mounts, volumes),
  };
}

function readVariables(container: Container): ContainerVariables {
  const last = new Map<string, JsonObject>();
  const repeated = new Set<string>();
  for (const entry of entriesOf(container.env)) {
    const name = isObject(entry) ? ownString(entry, 'name') : undefined;
    if (name === undefined || !name.startsWith('AWS_') || !isObject(entry)) continue;
    if (last.delete(name)) repeated.add(name);
    last.set(name, entry);
  }
  return {
    has: name => last.has(name),
    value: name => literalOf(last.get(name)),
    names: [...last.keys()],
    repeated: [...repeated],
  };
}

/** Windows containers name the paths of their mounts with a drive letter and backslashes (E134). */
function unixPath(path: string): string {
  return cleanPath(path.replace(/^[A-Za-z]:/, '').replaceAll('\\', '/'));
}

/** The mount that is nearest to the file decides, as in the container. */
function tokenAt(path: string, mounts: readonly JsonObject[], volumes: ReadonlyMap<string, JsonObject>): TokenFile {
  let nearest: { readonly mount: JsonObject; readonly at: string } | undefined;
  for (const mount of mounts) {
    const at = unixPath(ownString(mount, 'mountPath') ?? '');
    const covers = path === at || path.startsWith(at === '/' ? at : `${at}/`);
    if (covers && at.length >= (nearest?.at.length ?? 0)) nearest = { mount, at };
  }
  if (nearest === undefined) return { kind: 'absent' };
  const { mount, at } = nearest;
  if (ownString(mount, 'subPathExpr')) return { kind: 'unseen' };
  const file = cleanPath(`${ownString(mount, 'subPath') ?? ''}/${path.slice(at.length)}`).replace(/^\//, '');
  const volume = volumes.get(ownString(mount, 'name') ?? '');
  const token = readTokens(volume ?? {}).find(projected => projected.path === file);
  return token === undefined ? { kind: 'unseen' } : { kind: 'token', token };
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

/** True when the SDKs are given a web identity: a role to assume with a token. */
export function hasWebIdentity(variables: ContainerVariables): boolean {
  return variables.has('AWS_ROLE_ARN') && variables.has('AWS_WEB_IDENTITY_TOKEN_FILE');
}

/** True when the SDKs are given an endpoint that gives credentials, as the agent of EKS Pod Identity does. */
export function hasContainerCredentials(variables: ContainerVariables): boolean {
  return variables.has('AWS_CONTAINER_CREDENTIALS_FULL_URI') || variables.has('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
}

/** True when a variable says where a token is: by itself, or in a file of settings. */
export function namesTokenFile(variables: ContainerVariables): boolean {
  return ['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', 'AWS_CONFIG_FILE'].some(name =>
    variables.has(name),
  );
}
