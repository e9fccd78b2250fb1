import { mirrorAnnotation } from '../admission/subject.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { isArray, isObject, ownField, ownObject, ownString, type JsonObject } from '../util/json.ts';

/** Variables whose values are compared; of the others that AWS knows only the name is kept, of all others nothing. */
const comparedVariables = new Set([
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
]);

/**
 * Returns the fields of a pod that a comparison reads, for pods that have to be kept until their accounts are known: a tenth of the
 * whole, and no values of variables that are none of our business.
 */
export function reducePod(pod: JsonObject, { annotationPrefix }: InjectionSettings): JsonObject {
  return {
    metadata: reduceMetadata(ownObject(pod, 'metadata') ?? {}, annotationPrefix),
    spec: reduceSpec(ownObject(pod, 'spec') ?? {}),
    status: pick(ownObject(pod, 'status') ?? {}, ['phase']),
  };
}

function reduceMetadata(metadata: JsonObject, prefix: string): JsonObject {
  const fields = [
    'name',
    'generateName',
    'namespace',
    'labels',
    'ownerReferences',
    'creationTimestamp',
    'deletionTimestamp',
  ];
  const annotations = Object.entries(ownObject(metadata, 'annotations') ?? {}).filter(
    ([name]) => name.startsWith(`${prefix}/`) || name === mirrorAnnotation,
  );
  return { ...pick(metadata, fields), annotations: Object.fromEntries(annotations) };
}

function reduceSpec(spec: JsonObject): JsonObject {
  const fields = ['serviceAccountName', 'serviceAccount', 'os', 'nodeSelector'];
  return {
    ...pick(spec, fields),
    affinity: pick(ownObject(spec, 'affinity') ?? {}, ['nodeAffinity']),
    ...reduceList(spec, 'volumes', reduceVolume),
    ...reduceList(spec, 'containers', reduceContainer),
    ...reduceList(spec, 'initContainers', reduceContainer),
  };
}

/** The kind of a volume says whether it can be written to; what it refers to is not read. */
function reduceVolume(volume: JsonObject): JsonObject {
  const kinds = Object.keys(volume).map(kind => [kind, {}] as const);
  return { ...Object.fromEntries(kinds), ...pick(volume, ['name', 'projected']) };
}

function reduceContainer(container: JsonObject): JsonObject {
  return {
    ...pick(container, ['name', 'volumeMounts', 'volumeDevices']),
    ...reduceList(container, 'env', reduceVariable, isOfAws),
    ...reduceList(container, 'envFrom', () => ({})),
  };
}

function isOfAws(variable: unknown): boolean {
  return !isObject(variable) || (ownString(variable, 'name') ?? '').startsWith('AWS_');
}

function reduceVariable(variable: JsonObject): JsonObject {
  const isCompared = comparedVariables.has(ownString(variable, 'name') ?? '');
  return pick(variable, isCompared ? ['name', 'value', 'valueFrom'] : ['name']);
}

/** A list with its objects reduced; whatever else is in its place stays as it is. */
function reduceList(
  object: JsonObject,
  field: string,
  reduce: (entry: JsonObject) => JsonObject,
  keeps: (entry: unknown) => boolean = () => true,
): JsonObject {
  const value = ownField(object, field);
  if (!isArray(value)) return pick(object, [field]);
  return { [field]: value.filter(keeps).map(entry => (isObject(entry) ? reduce(entry) : entry)) };
}

function pick(object: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(fields.filter(field => Object.hasOwn(object, field)).map(field => [field, object[field]]));
}
