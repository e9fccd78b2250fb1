import type { Identity } from '../../src/identity/identity.ts';
import { isArray, isObject, listAt, ownField, type JsonObject } from '../../src/util/json.ts';

/**
 * What each container of a pod ends up with, read from the pod alone by the rules of the SDKs, apart from the code that is
 * tested: `role ARN`, `association`, `other credentials`, `unknown` or `none`.
 */
export function readEnds(pod: unknown, identity: Identity, fullUri: string): readonly string[] {
  const containers = [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')];
  return containers.map(container => (isReadable(container) ? endOf(container, identity, fullUri) : 'unknown'));
}

function isReadable(container: unknown): container is JsonObject {
  if (!isObject(container)) return false;
  return ['env', 'volumeMounts'].every(field => isArray(ownField(container, field) ?? []));
}

function endOf(container: JsonObject, identity: Identity, fullUri: string): string {
  const mayHaveMore = listAt(container, 'envFrom').length > 0;
  const [role, file, relative, uri, uriFile] = [
    'AWS_ROLE_ARN',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  ].map(name => valueOf(container, name));
  const isAbsent = (value: string | undefined): boolean => value === '';
  const isHalf = isAbsent(role) !== isAbsent(file);
  if (isHalf && mayHaveMore) return 'unknown';
  if (!isAbsent(role) && !isAbsent(file))
    return role === undefined || file === undefined ? 'unknown' : asRole(role, identity);
  if (!isAbsent(relative)) return relative === undefined ? 'unknown' : 'other credentials';
  if (isAbsent(uri)) return mayHaveMore ? 'unknown' : 'none';
  if (uri === undefined) return 'unknown';
  if (identity.method !== 'container_credentials' || uri !== fullUri) return 'other credentials';
  if (uriFile === undefined || (isAbsent(uriFile) && mayHaveMore)) return 'unknown';
  return isAbsent(uriFile) ? 'none' : 'association';
}

/** A value that is no role is not repeated by anybody. */
function asRole(role: string, identity: Identity): string {
  const isOurs = identity.method === 'web_identity' && role === identity.roleArn.value;
  return isOurs || /^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[\w+=,.@/-]+$/.test(role) ? `role ${role}` : 'unknown';
}

/** Empty where nothing is set, undefined where the value is not in the pod. */
function valueOf(container: JsonObject, name: string): string | undefined {
  const entry = listAt(container, 'env')
    .filter(isObject)
    .findLast(variable => ownField(variable, 'name') === name);
  if (entry === undefined) return '';
  const { value, valueFrom } = {
    value: ownField(entry, 'value') ?? '',
    valueFrom: ownField(entry, 'valueFrom') ?? null,
  };
  if (valueFrom !== null || typeof value !== 'string') return undefined;
  return value.includes('$(') ? undefined : value;
}
