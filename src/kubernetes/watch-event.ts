import { metadataOf } from './objects.ts';
import { isObject, ownField, ownObject, ownString, type JsonObject, parseJson } from '../util/json.ts';
import { errorOfStatus, KubernetesError } from './kubernetes-error.ts';
import { isVersion } from './resource-version.ts';

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
