import { type JsonObject, isObject, ownField, ownObject, ownString, parseJson } from '../util/json.ts';
import type { Query } from './client.ts';
import { metadataOf } from './objects.ts';
import { errorOfStatus, KubernetesError } from './kubernetes-error.ts';

/** What a reflector follows. */
export interface WatchedResource {
  /** Name in metrics and log lines, for example `serviceaccounts`. */
  readonly resource: string;
  /** Kind of the objects, for example `ServiceAccount`: an answer with others is not taken. */
  readonly kind: string;
  /** Path of the list. */
  readonly path: string;
  /** Selectors. */
  readonly query: Query;
  /** What to say to somebody whose RBAC forbids it, for example "the ClusterRole needs get, list and watch". */
  readonly permissionHint: string;
}

/**
 * What becomes of the objects. A list is gathered apart and takes effect as a whole with `commit()`; until then, and when
 * it fails half-way, what was known before stays. No method may throw.
 */
export interface ResourceHandler {
  /** A list begins; whatever an unfinished one has gathered is dropped. */
  begin(): void;
  /** An object of the list; one that comes again replaces the earlier. */
  item(object: JsonObject): void;
  /** An object that was deleted while the list was streamed. */
  itemDeleted(object: JsonObject): void;
  /** The list is complete: it is the state of the world at this resource version. */
  commit(resourceVersion: string): void;
  /** A change after the list. */
  applied(event: ChangeEvent): void;
}

/** What a list that is read once needs of it. */
export type PageHandler = Pick<ResourceHandler, 'begin' | 'item' | 'commit'>;

/** One change of one object. */
export interface ChangeEvent {
  readonly kind: 'change';
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: JsonObject;
  readonly resourceVersion: string;
}

/** No change, but the stream has come as far as this resource version. */
export interface BookmarkEvent {
  readonly kind: 'bookmark';
  readonly resourceVersion: string;
  /** True for the bookmark that ends the initial events of a streaming list. */
  readonly endsInitialEvents: boolean;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists */
const initialEventsEnd = 'k8s.io/initial-events-end';

/**
 * Reads one line of a watch of objects of this kind. Undefined for a type of event that we do not know. Throws the error that
 * an ERROR event carries, and `malformed_response` for anything else: a watch that reports other objects is not trusted.
 */
export function parseWatchEvent(line: Buffer, kind: string): ChangeEvent | BookmarkEvent | undefined {
  const event = parseLine(line);
  const type = ownString(event, 'type');
  const object = ownObject(event, 'object');
  if (type === undefined || object === undefined) throw malformed('type and object');
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      if (ownString(object, 'kind') !== kind) throw malformed(`objects of kind ${kind}`);
      return { kind: 'change', type, object, resourceVersion: versionOf(object) };
    case 'BOOKMARK':
      return { kind: 'bookmark', resourceVersion: versionOf(object), endsInitialEvents: endsInitialEvents(object) };
    case 'ERROR':
      throw errorOfEvent(object);
    default:
      return undefined;
  }
}

/** `metadata.resourceVersion` of an object or a list. Throws `malformed_response`. */
export function versionOf(object: JsonObject): string {
  const version = ownString(metadataOf(object), 'resourceVersion');
  if (version === undefined || !isVersion(version)) throw malformed('a number in metadata.resourceVersion');
  return version;
}

function parseLine(line: Buffer): JsonObject {
  const event = parseJson(line.toString('utf8'));
  if (isObject(event)) return event;
  throw malformed('a JSON object a line');
}

function endsInitialEvents(object: JsonObject): boolean {
  const annotations = ownObject(metadataOf(object), 'annotations') ?? {};
  return ownString(annotations, initialEventsEnd) === 'true';
}

function errorOfEvent(status: JsonObject): KubernetesError {
  const code = ownField(status, 'code');
  return errorOfStatus(typeof code === 'number' ? code : 500, status);
}

function malformed(expected: string): KubernetesError {
  return new KubernetesError('malformed_response', `expected ${expected} in the answer of the API server`);
}

/** As many digits as a number of 128 bits has; those of etcd have 64 bits. */
const maxDigits = 39;
const decimal = /^(?:0|[1-9][0-9]*)$/;

/** True for a resource version that says before or after: a decimal number without leading zeros. */
export function isVersion(text: string): boolean {
  return text.length <= maxDigits && decimal.test(text);
}

/**
 * True when the first resource version is newer than the second. Both may exceed 2^53, so they are compared by length, then
 * by text. What is no number stands for "none", as the empty string does, and is older than all: it cannot outdo anything.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export function isNewerVersion(version: string, than: string): boolean {
  if (!isVersion(version)) return false;
  if (!isVersion(than)) return true;
  return version.length === than.length ? version > than : version.length > than.length;
}

/** The newer of two resource versions. */
export function newerVersion(left: string, right: string): string {
  return isNewerVersion(left, right) ? left : right;
}
